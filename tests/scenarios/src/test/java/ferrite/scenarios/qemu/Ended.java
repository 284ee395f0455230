package ferrite.scenarios.qemu;

/**
 * Memory after a run of programs.
 *
 * @param memory the contents of RAM, from its first byte on
 * @param whole  true if all programs have ended
 */
record Ended(byte[] memory, boolean whole) {

    int word(int address) {
        return LittleEndian.get(memory, address - SlotLayout.RAM_BASE);
    }

    boolean isDone(int slot) {
        return word(SlotLayout.slot(slot) + SlotLayout.DONE) == Harness.DONE_MARK;
    }
}
