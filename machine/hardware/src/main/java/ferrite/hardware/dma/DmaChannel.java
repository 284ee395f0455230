package ferrite.hardware.dma;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;

/**
 * The registers of one channel, and the device wired to it.
 *
 * <p>The counters count transfers: bytes at the first controller, and words at the second, where bit 0 of the page
 * register has no wire.
 *
 * <pre>
 *  address wires  23     16 15              0        23    17 16                1
 *                +---------+-----------------+      +--------+-------------------+---+
 *                |  page   |     address     |      |  page  |      address      | 0 |
 *                +---------+-----------------+      +--------+-------------------+---+
 *                 channels 0-3                       channels 5-7
 * </pre>
 */
final class DmaChannel {

    private static final int COUNTER_MASK = 0xffff;
    private static final int COUNTER_STATES = 0x1_0000;

    /** A range of physical addresses. */
    record Span(long pa, int bytes) { }

    final Dma8237 chip;
    final int number;
    /** Bytes per transfer. */
    final int width;
    final BusMaster master;
    DmaRequester requester;
    int baseAddress;
    int baseCount;
    int address;
    int count;
    int page;
    int highPage;
    int modeRegister;
    boolean masked = true;
    /** Level of the request line, DREQ. */
    private boolean requested;
    private boolean softwareRequested;
    boolean terminalCount;
    boolean refused;
    /** Whether the address was checked since it was last written. */
    boolean checked;

    DmaChannel(Dma8237 chip, int number, int width, BusMaster master) {
        this.chip = chip;
        this.number = number;
        this.width = width;
        this.master = master;
    }

    /** Returns the channel's index in its chip, 0 to 3. */
    int index() {
        return number % DmaRegisters.CHIP_CHANNELS;
    }

    DmaMode mode() {
        return DmaMode.of(modeRegister);
    }

    boolean isRequested() {
        return requested;
    }

    void setRequested(boolean level) {
        if (requested != level) {
            requested = level;
            chip.noteAsking(this);
        }
    }

    boolean isSoftwareRequested() {
        return softwareRequested;
    }

    void setSoftwareRequested(boolean request) {
        softwareRequested = request;
        chip.noteAsking(this);
    }

    /** Tells whether the device or software requests service. */
    boolean asks() {
        return requested || softwareRequested;
    }

    boolean isCascade() {
        return (modeRegister & DmaRegisters.MODE_CASCADE) == DmaRegisters.MODE_CASCADE;
    }

    int transferType() {
        return modeRegister & DmaRegisters.MODE_TRANSFER;
    }

    boolean toMemory() {
        return transferType() == DmaRegisters.MODE_WRITE;
    }

    boolean decrements() {
        return (modeRegister & DmaRegisters.MODE_DECREMENT) != 0;
    }

    boolean autoInitialises() {
        return (modeRegister & DmaRegisters.MODE_AUTO_INITIALISE) != 0;
    }

    // ---- addresses ----

    /** Returns the 32-bit address that software wrote. */
    long askedDma() {
        return (long) highPage << 24 | drivenDma();
    }

    /** Returns the address on the 24 wires. */
    long drivenDma() {
        return drivenDma(address);
    }

    private long drivenDma(int counter) {
        return (long) (page & -width & 0xff) << 16 | (long) counter * width;
    }

    /** Returns the lowest address of the next transfers. None of them may wrap. */
    long lowestDma(int transfers) {
        return drivenDma(decrements() ? address - (transfers - 1) : address);
    }

    /** Returns the lowest address of the buffer that software set. */
    long bufferDma() {
        return drivenDma(decrements() ? Math.max(0, baseAddress - baseCount) : baseAddress);
    }

    int bufferBytes() {
        return (baseCount + 1) * width;
    }

    /** Returns the number of transfers until the address counter reaches the other end of its page. */
    int untilWrap() {
        return decrements() ? address + 1 : COUNTER_STATES - address;
    }

    /** Adds the ranges that the next transfers touch: two if the counter wraps in between. */
    void addSpans(int transfers, List<Span> spans) {
        int first = Math.min(transfers, untilWrap());
        spans.add(new Span(lowestDma(first), first * width));
        if (transfers > first) {
            int rest = transfers - first;
            spans.add(new Span(drivenDma(decrements() ? COUNTER_STATES - rest : 0), rest * width));
        }
    }

    /** Returns the range of all addresses that the counter can reach. */
    Span wholePage() {
        return new Span(drivenDma(0), COUNTER_STATES * width);
    }

    // ---- counters ----

    /** Returns the number of transfers until terminal count. The register holds one less. */
    int remaining() {
        return count + 1;
    }

    /** Tells whether the last transfer took the word count from zero to FFFF. */
    boolean hasRunOut() {
        return count == COUNTER_MASK;
    }

    /** Steps the 16-bit counters. Neither carries into the page register. */
    void advance(int transfers) {
        address = address + (decrements() ? -transfers : transfers) & COUNTER_MASK;
        countDown(transfers);
    }

    void countDown(int transfers) {
        count = count - transfers & COUNTER_MASK;
    }

    void initialise() {
        address = baseAddress;
        count = baseCount;
    }

    // ---- the device ----

    /** Returns the number of transfers that the device can make before it drops its request line. */
    int ready() {
        return requester == null ? 0 : transfers(requester.ready());
    }

    /** Returns the number of transfers that move so many bytes. The width is 1 or 2. */
    int transfers(int bytes) {
        return bytes >> width - 1;
    }

    String deviceName() {
        return requester == null ? null : requester.name();
    }

    // ---- state ----

    void save(StateWriter out) {
        out.putInts(new int[] {baseAddress, baseCount, address, count, page, highPage, modeRegister});
        for (boolean flag : new boolean[] {masked, requested, softwareRequested, terminalCount, refused, checked}) {
            out.putBoolean(flag);
        }
    }

    void restore(StateReader in) {
        int[] words = new int[7];
        in.getInts(words);
        baseAddress = StateReader.bitsOf(words[0], COUNTER_MASK);
        baseCount = StateReader.bitsOf(words[1], COUNTER_MASK);
        address = StateReader.bitsOf(words[2], COUNTER_MASK);
        count = StateReader.bitsOf(words[3], COUNTER_MASK);
        page = StateReader.bitsOf(words[4], 0xff);
        highPage = StateReader.bitsOf(words[5], 0xff);
        modeRegister = StateReader.bitsOf(words[6], 0xfc);
        masked = in.getBoolean();
        setRequested(in.getBoolean());
        setSoftwareRequested(in.getBoolean());
        terminalCount = in.getBoolean();
        refused = in.getBoolean();
        checked = in.getBoolean();
    }
}
