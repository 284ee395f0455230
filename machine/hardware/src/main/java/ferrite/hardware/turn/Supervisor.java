package ferrite.hardware.turn;

/** S-mode software that is written in Java: the kernel. What it does, it does on the hart that has the turn. */
public interface Supervisor {

    /**
     * Firmware has handed a hart over. Runs on a strand made for it and does not return while the machine runs.
     *
     * @param hartId     a0
     * @param deviceTree a1, a physical address
     */
    void start(int hartId, long deviceTree);

    /**
     * A trap was taken into S-mode while Java was running on the hart; the registers tell the rest. Runs on top of what it interrupted and
     * returns after {@code sret}; for a fault, returning means that the access is tried again.
     */
    void trap(int cause, int tval);
}
