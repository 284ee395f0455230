package ferrite.kernel.base;

/** Records the beginnings of atomic sections, for reports. Not visible to the guest. */
public interface AtomicSections {

    /**
     * Records that an atomic section begins on the caller's hart.
     *
     * @param how Linux's name of the call that begins it
     */
    void began(String how);

    /** Records that the atomic section of the caller's hart ended. */
    void ended();
}
