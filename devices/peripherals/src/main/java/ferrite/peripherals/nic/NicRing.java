package ferrite.peripherals.nic;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/** A ring of descriptors as the card knows it: its place, its size, and the number of the next descriptor. */
final class NicRing implements Saveable {

    private long base;
    private int size;
    private int head;

    void reset() {
        base = 0;
        size = 0;
        head = 0;
    }

    void setBase(int value) {
        base = value & 0xffff_ffffL;
        head = 0;
    }

    void setSize(int value) {
        size = value;
        head = 0;
    }

    long base() {
        return base;
    }

    int size() {
        return size;
    }

    int head() {
        return head;
    }

    /** Returns the bus address of a descriptor. */
    long descriptor(int number) {
        return base + (long) number * NicRegisters.DESCRIPTOR_BYTES;
    }

    /** Returns the bus address of the next descriptor. */
    long next() {
        return descriptor(head);
    }

    void advance() {
        head = (head + 1) % size;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {(int) base, size, head});
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[3];
        in.getInts(words);
        base = words[0] & 0xffff_ffffL;
        size = words[1];
        head = words[2];
        StateReader.requireThat(head == 0 || head > 0 && head < size,
                "descriptor " + head + " is the next one of a ring of " + size);
    }
}
