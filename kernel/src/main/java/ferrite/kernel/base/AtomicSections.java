package ferrite.kernel.base;

/** Records atomic sections and the locks of drivers, for reports. Not visible to the guest. */
public interface AtomicSections {

    /**
     * Records that an atomic section begins on the caller's hart.
     *
     * @param how Linux's name of the call that begins it
     */
    void began(String how);

    /**
     * Records that locks are initialised, which makes them other ones.
     *
     * @param call  Linux's name of the call
     * @param bytes the length of the record with the locks
     */
    void initialised(String call, long lock, int bytes);

    /**
     * Records that the caller waits for a spinlock.
     *
     * @param how    Linux's name of the call
     * @param irqsOn whether interrupts stay on while the lock is held
     */
    void acquiring(long lock, String how, boolean irqsOn);

    /** Records that the caller has the spinlock that it waited for. */
    void acquired(long lock, String how, boolean irqsOn);

    /**
     * Records that the caller is about to read under a lock that writers hold.
     *
     * @param retries whether the reader reads again after a writer, so that it needs no protection from writers
     */
    void reads(long lock, String how, boolean irqsOn, boolean retries);

    /** Records that the caller of {@link #reads} waits for a writer. */
    void readerWaits(long lock, String how);

    /** Records that the caller of {@link #readerWaits} waits no more. */
    void readerGoesOn();

    /** Records that the caller releases a spinlock. */
    void released(long lock, String call);

    /** Records that the release of a lock turns interrupts on. */
    void enablesIrqs(long lock, String call);

    /** Reports the release of a lock that is not held. */
    void notHeld(long lock, String call);

    /** Records that the atomic section of the caller's hart ended. */
    void ended();
}
