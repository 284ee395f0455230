package ferrite.scenarios.qemu;

/**
 * Memory after programs have run somewhere.
 *
 * @param memory what RAM holds, from its first byte on
 * @param whole  whether all programs came to their end
 */
record Ended(byte[] memory, boolean whole) {

    int word(int address) {
        return LittleEndian.get(memory, address - SlotLayout.RAM_BASE);
    }

    boolean isDone(int slot) {
        return word(SlotLayout.slot(slot) + SlotLayout.DONE) == Harness.DONE_MARK;
    }
}
