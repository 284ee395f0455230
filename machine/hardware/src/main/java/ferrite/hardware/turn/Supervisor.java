package ferrite.hardware.turn;

/** S-mode software in Java: the kernel. All its methods act on the hart that has the turn. */
public interface Supervisor {

    /**
     * Takes over a hart from firmware. It runs on a strand of its own and does not return while the machine runs.
     *
     * @param hartId     a0
     * @param deviceTree a1, a physical address
     */
    void start(int hartId, long deviceTree);

    /**
     * Handles a trap that was taken into S-mode while Java ran on the hart. The registers hold its details. It runs on
     * top of the interrupted frames and returns after {@code sret}. After a fault, its return means that the access is
     * retried.
     */
    void trap(int cause, int tval);

    /** Returns the source line that led to the calling thread's access, for a failure's message. */
    default String callSite() {
        return "?";
    }
}
