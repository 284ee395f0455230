package ferrite.kernel.base;

/** Records where atomic sections begin, for reports. The guest sees nothing of it. */
public interface AtomicSections {

    /** The caller's hart was not atomic until now. */
    void began(String how);

    /** The caller's hart is not atomic any more. */
    void ended();
}
