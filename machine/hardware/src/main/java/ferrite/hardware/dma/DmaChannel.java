package ferrite.hardware.dma;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/** The registers of one channel, and the device it is wired to. */
final class DmaChannel {

    final int number;
    DmaRequester requester;
    int baseAddress;
    int baseCount;
    int address;
    int count;
    int page;
    int highPage;
    int mode;
    boolean masked = true;
    boolean requested;
    boolean softwareRequested;
    boolean terminalCount;
    boolean refused;
    /** Whether the address has been looked at since it was last written. */
    boolean judged;

    DmaChannel(int number) {
        this.number = number;
    }

    /** The address that software asked for: 32 bits. */
    long askedDma() {
        return (long) highPage << 24 | drivenDma();
    }

    /** The address on the 24 wires. */
    long drivenDma() {
        return page << 16 | address;
    }

    /** Bytes until terminal count: the register holds one less. */
    int remaining() {
        return count + 1;
    }

    boolean toMemory() {
        return (mode & DmaRegisters.MODE_TRANSFER) == DmaRegisters.MODE_WRITE;
    }

    /** The 16-bit counters step; neither carries into the page register. */
    void advance(int bytes) {
        address = address + bytes & 0xffff;
        count = count - bytes & 0xffff;
    }

    void save(StateWriter out) {
        out.putInts(new int[] {baseAddress, baseCount, address, count, page, highPage, mode});
        for (boolean flag : new boolean[] {masked, requested, softwareRequested, terminalCount, refused, judged}) {
            out.putBoolean(flag);
        }
    }

    void restore(StateReader in) {
        int[] words = new int[7];
        in.getInts(words);
        baseAddress = words[0];
        baseCount = words[1];
        address = words[2];
        count = words[3];
        page = words[4];
        highPage = words[5];
        mode = words[6];
        masked = in.getBoolean();
        requested = in.getBoolean();
        softwareRequested = in.getBoolean();
        terminalCount = in.getBoolean();
        refused = in.getBoolean();
        judged = in.getBoolean();
    }
}
