package ferrite.hardware.dma;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.zip.CRC32;

/** A device for a channel. It supplies 1, 2, 3 …, and keeps a checksum of the bytes it accepts. */
class TestDevice implements DmaRequester, Saveable {

    private final String name;
    int ready;
    int supplied;
    int accepted;
    int acceptedCrc;
    int terminalCounts;
    Runnable atTerminalCount = () -> { };

    TestDevice(String name) {
        this.name = name;
    }

    /** Returns a bus that carries the bytes of one call, from or into an array. */
    static DmaBytes bus(byte... data) {
        return new DmaBytes() {
            @Override
            public void put(byte[] from, int at, int length) {
                System.arraycopy(from, at, data, 0, length);
            }

            @Override
            public void get(byte[] into, int at, int length) {
                System.arraycopy(data, 0, into, at, length);
            }
        };
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
            bytes[i] = (byte) ++supplied;
        }
        bus.put(bytes, 0, length);
        ready -= length;
    }

    @Override
    public void accept(DmaBytes bus, int length) {
        byte[] bytes = new byte[length];
        bus.get(bytes, 0, length);
        for (int i = 0; i < length; i++) {
            CRC32 crc = new CRC32();
            crc.update(acceptedCrc);
            crc.update(acceptedCrc >> 8);
            crc.update(acceptedCrc >> 16);
            crc.update(acceptedCrc >> 24);
            crc.update(bytes[i]);
            acceptedCrc = (int) crc.getValue();
        }
        accepted += length;
        ready -= length;
    }

    @Override
    public void terminalCount() {
        terminalCounts++;
        atTerminalCount.run();
    }

    String state() {
        return name + " ready " + ready + " supplied " + supplied + " accepted " + accepted + " crc " + acceptedCrc
                + " terminal counts " + terminalCounts;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {ready, supplied, accepted, acceptedCrc, terminalCounts});
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[5];
        in.getInts(words);
        ready = words[0];
        supplied = words[1];
        accepted = words[2];
        acceptedCrc = words[3];
        terminalCounts = words[4];
    }
}
