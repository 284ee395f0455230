package ferrite.kernel;

import ferrite.hardware.dma.DmaBytes;
import ferrite.hardware.dma.DmaRequester;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * A device at a channel of the DMA controller. It supplies 1, 2, 3 …, and sums up the bytes that it accepts, up to a
 * number of bytes.
 */
public final class TestDmaDevice implements DmaRequester, Saveable {

    private final String name;
    private int ready;
    private int next;
    private int sum;

    TestDmaDevice(String name) {
        this.name = name;
    }

    /** Lets the device move more bytes. From outside. */
    public void makeReady(int bytes) {
        ready += bytes;
    }

    public int sum() {
        return sum;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int ready() {
        return ready;
    }

    @Override
    public void supply(DmaBytes bus, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ++next;
        }
        bus.put(bytes, 0, length);
        ready -= length;
    }

    @Override
    public void accept(DmaBytes bus, int length) {
        byte[] bytes = new byte[length];
        bus.get(bytes, 0, length);
        for (byte b : bytes) {
            sum += b & 0xff;
        }
        ready -= length;
    }

    @Override
    public void terminalCount() { }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {ready, next, sum});
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[3];
        in.getInts(words);
        ready = words[0];
        next = words[1];
        sum = words[2];
    }
}
