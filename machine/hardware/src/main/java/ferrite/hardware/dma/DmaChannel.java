package ferrite.hardware.dma;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The registers of one channel, and the device it is wired to. Its counters count transfers, of one byte at the first controller and of a
 * word at the second, where the page register's bit 0 has no wire:
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

    /** A stretch of physical addresses. */
    record Span(long pa, int bytes) { }

    final Dma8237 chip;
    final int number;
    /** What one transfer moves, in bytes. */
    final int width;
    DmaRequester requester;
    int baseAddress;
    int baseCount;
    int address;
    int count;
    int page;
    int highPage;
    int modeRegister;
    boolean masked = true;
    /** The level of its request line, DREQ. */
    boolean requested;
    boolean softwareRequested;
    boolean terminalCount;
    boolean refused;
    /** Whether the address has been looked at since it was last written. */
    boolean judged;

    DmaChannel(Dma8237 chip, int number, int width) {
        this.chip = chip;
        this.number = number;
        this.width = width;
    }

    /** Which of its chip's four it is. */
    int index() {
        return number % DmaRegisters.CHIP_CHANNELS;
    }

    DmaMode mode() {
        return DmaMode.of(modeRegister);
    }

    /** Whether its device or software asks for service. */
    boolean asks() {
        return requested || softwareRequested;
    }

    boolean isCascade() {
        return mode() == DmaMode.CASCADE;
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

    /** The address that software asked for: 32 bits. */
    long askedDma() {
        return (long) highPage << 24 | drivenDma();
    }

    /** The address on the 24 wires. */
    long drivenDma() {
        return drivenDma(address);
    }

    private long drivenDma(int counter) {
        return (long) (page & -width & 0xff) << 16 | (long) counter * width;
    }

    /** The lowest address of the next transfers, none of which wraps. */
    long lowestDma(int transfers) {
        return drivenDma(decrements() ? address - (transfers - 1) : address);
    }

    /** The lowest address of the buffer that software gave it. */
    long bufferDma() {
        return drivenDma(decrements() ? Math.max(0, baseAddress - baseCount) : baseAddress);
    }

    int bufferBytes() {
        return (baseCount + 1) * width;
    }

    /** Transfers until the address counter is at the other end of its page. */
    int untilWrap() {
        return decrements() ? address + 1 : COUNTER_STATES - address;
    }

    /** What the next transfers touch: two pieces when the counter wraps in between. */
    List<Span> spans(int transfers) {
        List<Span> spans = new ArrayList<>(2);
        int first = Math.min(transfers, untilWrap());
        spans.add(new Span(lowestDma(first), first * width));
        if (transfers > first) {
            int rest = transfers - first;
            spans.add(new Span(drivenDma(decrements() ? COUNTER_STATES - rest : 0), rest * width));
        }
        return spans;
    }

    /** Everything that the counter can reach. */
    Span wholePage() {
        return new Span(drivenDma(0), COUNTER_STATES * width);
    }

    // ---- counters ----

    /** Transfers until terminal count: the register holds one less. */
    int remaining() {
        return count + 1;
    }

    /** Whether the word count, after a transfer, has gone from zero to FFFF. */
    boolean hasRunOut() {
        return count == COUNTER_MASK;
    }

    /** The 16-bit counters step; neither carries into the page register. */
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

    /** Transfers that the device can make before it lets its request line drop. */
    int ready() {
        return requester == null ? 0 : requester.ready() / width;
    }

    String deviceName() {
        return requester == null ? null : requester.name();
    }

    // ---- state ----

    void save(StateWriter out) {
        out.putInts(new int[] {baseAddress, baseCount, address, count, page, highPage, modeRegister});
        for (boolean flag : new boolean[] {masked, requested, softwareRequested, terminalCount, refused, judged}) {
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
        requested = in.getBoolean();
        softwareRequested = in.getBoolean();
        terminalCount = in.getBoolean();
        refused = in.getBoolean();
        judged = in.getBoolean();
    }
}
