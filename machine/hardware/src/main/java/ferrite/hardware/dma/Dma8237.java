package ferrite.hardware.dma;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One Intel 8237A: four channels, their shared registers, and the priority encoder that grants the bus to one of them.
 * It moves no bytes itself, and knows nothing of time.
 *
 * <p>Unlike the 8237A, this model accepts register writes while it has the bus. A write that masks a channel, cancels
 * its request or changes its mode ends its service at once.
 */
final class Dma8237 {

    private static final int ILLEGAL_TRANSFER = DmaRegisters.MODE_TRANSFER;
    private static final int NOT_DRIVEN = 0xff;
    private static final int ALL_CHANNELS = (1 << DmaRegisters.CHIP_CHANNELS) - 1;

    private final DmaChannel[] channels = new DmaChannel[DmaRegisters.CHIP_CHANNELS];
    private final DmaReach reach;
    /** The channels that request service, masked or not: a bit for each. */
    private int asking;
    private int command;
    private int temporary;
    private boolean highByte;
    private int modeCounter;
    /** Under rotating priority, the channel that was served last. All other channels go before it. */
    private int lowestPriority;
    /** The channel that keeps the bus from one transfer to the next, or null. */
    private DmaChannel inService;

    /**
     * Creates a chip.
     *
     * @param firstChannel the number of its channel 0 in the machine
     * @param width        bytes per transfer, for which its address wires are connected
     */
    Dma8237(int firstChannel, int width, DmaReach reach) {
        this.reach = reach;
        for (int index = 0; index < DmaRegisters.CHIP_CHANNELS; index++) {
            channels[index] = new DmaChannel(this, firstChannel + index, width,
                    reach.channelMaster(firstChannel + index));
        }
        reset();
    }

    List<DmaChannel> channels() {
        return List.of(channels);
    }

    // ---- bus requests and grants ----

    /** Tells whether no channel has the bus or requests it, masked or not. This is the usual case. */
    boolean isIdle() {
        return inService == null && asking == 0;
    }

    /** Notes whether a channel requests service, after a possible change. */
    void noteAsking(DmaChannel channel) {
        int bit = 1 << channel.index();
        asking = channel.asks() ? asking | bit : asking & ~bit;
    }

    /** Returns HRQ: the chip requests the bus, or keeps it. */
    boolean requestsBus() {
        return isInService() || highestPriority() != null;
    }

    /** Counts the channels that request the bus or keep it. */
    int countRequests() {
        int requests = 0;
        for (DmaChannel channel : channels) {
            requests += wantsService(channel) || channel == inService ? 1 : 0;
        }
        return requests;
    }

    /**
     * Tells whether the channel requests service. A mask bit suppresses the request line, but not a software request
     * (data sheet, request register).
     */
    boolean wantsService(DmaChannel channel) {
        if (!channel.asks() || isDisabled() || channel.refused) {
            return false;
        }
        if (isMemoryToMemory(channel)) {
            return channel.index() == 0 && channel.isSoftwareRequested() && !channels[1].refused;
        }
        return channel.isSoftwareRequested() && channel.mode() == DmaMode.BLOCK
                || channel.isRequested() && !channel.masked && (channel.isCascade() || channel.ready() > 0);
    }

    /** Tells whether the channel that has the bus keeps it. */
    boolean isInService() {
        if (inService != null && !keepsBus(inService)) {
            inService = null;
        }
        return inService != null;
    }

    boolean isInService(DmaChannel channel) {
        return inService == channel;
    }

    private boolean keepsBus(DmaChannel channel) {
        boolean untilTerminalCount = channel.mode() == DmaMode.BLOCK && !isMemoryToMemory(channel);
        return untilTerminalCount ? !isDisabled() && !channel.refused : wantsService(channel);
    }

    /** Grants the bus to a channel, when HLDA is given. Returns the channel that is acknowledged (DACK), or null. */
    DmaChannel acknowledge() {
        if (isInService()) {
            return inService;
        }
        DmaChannel channel = highestPriority();
        if (channel != null && (channel.mode() != DmaMode.SINGLE || isMemoryToMemory(channel))) {
            inService = channel;
        }
        return channel;
    }

    private DmaChannel highestPriority() {
        int first = rotates() ? lowestPriority + 1 : 0;
        int inOrder = asking >> first | asking << channels.length - first;
        for (int left = inOrder & ALL_CHANNELS; left != 0; left &= left - 1) {
            DmaChannel channel = channels[first + Integer.numberOfTrailingZeros(left) & channels.length - 1];
            if (wantsService(channel)) {
                return channel;
            }
        }
        return null;
    }

    /** Checks the addresses of the channels that request service, and of the channel in service. */
    void checkAddresses() {
        if (isIdle()) {
            return;
        }
        int kept = inService == null ? 0 : 1 << inService.index();
        for (int left = asking | kept; left != 0; left &= left - 1) {
            DmaChannel channel = channels[Integer.numberOfTrailingZeros(left)];
            if (!channel.checked && (wantsService(channel) || channel == inService)) {
                reach.reaches(channel);
            }
        }
        if (isMemoryToMemory(channels[0]) && wantsService(channels[0])) {
            reach.reaches(channels[1]);
        }
    }

    /** Notes that the channel has used the bus. Under rotating priority all other channels now go before it. */
    void served(DmaChannel channel) {
        lowestPriority = channel.index();
    }

    /** Takes the bus back from the channel. */
    void release(DmaChannel channel) {
        if (inService == channel) {
            inService = null;
        }
    }

    /** Returns the channel that counts this channel's transfers. In memory-to-memory it is the writing channel. */
    DmaChannel counting(DmaChannel channel) {
        return isMemoryToMemory(channel) ? channels[1] : channel;
    }

    /** Handles terminal count: the channel's word count has gone from zero to FFFF. */
    void terminalCount(DmaChannel channel) {
        DmaChannel counting = counting(channel);
        counting.terminalCount = true;
        channel.setSoftwareRequested(false);
        if (counting.autoInitialises()) {
            counting.initialise();
        } else {
            counting.masked = true;
        }
        release(channel);
    }

    /** Refuses to start the channel, because its address is out of reach. */
    void refuse(DmaChannel channel) {
        channel.refused = true;
        channel.masked = true;
        DmaChannel asking = isMemoryToMemory(channel) ? channels[0] : channel;
        asking.setSoftwareRequested(false);
        release(asking);
    }

    // ---- the command register ----

    boolean isDisabled() {
        return (command & DmaRegisters.COMMAND_DISABLE) != 0;
    }

    boolean rotates() {
        return (command & DmaRegisters.COMMAND_ROTATE) != 0;
    }

    /** Tells whether the channel is one of the two in a memory-to-memory transfer. */
    boolean isMemoryToMemory(DmaChannel channel) {
        return (command & DmaRegisters.COMMAND_MEMORY_TO_MEMORY) != 0 && channel.index() < 2;
    }

    /** Returns the channel's mode, as the data sheet names it. */
    String modeWord(DmaChannel channel) {
        return isMemoryToMemory(channel) ? "memory-to-memory" : channel.mode().word();
    }

    /** Returns the direction in which the channel moves bytes, in words. */
    String direction(DmaChannel channel) {
        String other = isMemoryToMemory(channel) ? "memory" : "device";
        return switch (channel.transferType()) {
            case DmaRegisters.MODE_WRITE -> other + " to memory";
            case DmaRegisters.MODE_READ -> "memory to " + other;
            default -> channel.isCascade() ? "set by its bus master" : "none, verify only";
        };
    }

    /** Tells whether channel 0 holds its address, so that memory-to-memory fills. */
    boolean holdsAddress() {
        return (command & DmaRegisters.COMMAND_ADDRESS_HOLD) != 0;
    }

    /** Keeps the last byte of a memory-to-memory transfer in the temporary register. */
    void keepTemporary(byte last) {
        temporary = last & 0xff;
    }

    // ---- registers ----

    int peek(int register) {
        if (register < DmaRegisters.STATUS) {
            DmaChannel channel = channels[register / 2];
            int value = register % 2 == 0 ? channel.address : channel.count;
            return highByte ? value >>> 8 : value & 0xff;
        }
        return switch (register) {
            case DmaRegisters.STATUS -> flags(channel -> channel.terminalCount)
                    | flags(DmaChannel::asks) << 4;
            case DmaRegisters.REQUEST -> 0xf0 | flags(channel -> channel.isSoftwareRequested());
            case DmaRegisters.READ_COMMAND -> command;
            case DmaRegisters.MODE -> channels[modeCounter].modeRegister | 3;
            case DmaRegisters.TEMPORARY -> temporary;
            case DmaRegisters.ALL_MASKS -> 0xf0 | flags(channel -> channel.masked);
            default -> NOT_DRIVEN;                     // these two registers are commands, given by reading
        };
    }

    /** Applies the side effects of reading a register. */
    void wasRead(int register) {
        switch (register) {
            case DmaRegisters.STATUS -> forEach(channel -> channel.terminalCount = false);
            case DmaRegisters.MODE -> modeCounter = (modeCounter + 1) % channels.length;
            case DmaRegisters.SET_FLIP_FLOP -> highByte = true;
            case DmaRegisters.CLEAR_MODE_COUNTER -> modeCounter = 0;
            default -> highByte ^= register < DmaRegisters.STATUS;
        }
    }

    void store(int register, int value) {
        DmaChannel selected = channels[value & 3];
        boolean set = (value & DmaRegisters.SET) != 0;
        switch (register) {
            case DmaRegisters.COMMAND -> setCommand(value);
            case DmaRegisters.REQUEST -> setRequest(selected, set);
            case DmaRegisters.SINGLE_MASK -> setMask(selected, set);
            case DmaRegisters.MODE -> setMode(selected, value & ~3);
            case DmaRegisters.CLEAR_FLIP_FLOP -> highByte = false;
            case DmaRegisters.MASTER_CLEAR -> masterClear();
            case DmaRegisters.CLEAR_MASKS -> forEach(channel -> setMask(channel, false));
            case DmaRegisters.ALL_MASKS -> forEach(channel -> setMask(channel, (value >> channel.index() & 1) != 0));
            default -> storeCounter(channels[register / 2], register % 2 == 0, value);
        }
    }

    /** Stores a byte into the base and the current register together. */
    private void storeCounter(DmaChannel channel, boolean address, int value) {
        int old = address ? channel.baseAddress : channel.baseCount;
        int written = highByte ? old & 0xff | value << 8 : old & 0xff00 | value;
        highByte = !highByte;
        if (address) {
            channel.baseAddress = written;
            channel.address = written;
            reach.forget(channel);
        } else {
            channel.baseCount = written;
            channel.count = written;
        }
    }

    private void setMask(DmaChannel channel, boolean mask) {
        channel.masked = mask;
        if (mask) {
            release(channel);
        } else {
            reach.recheck(channel);
        }
    }

    /**
     * Sets the command register. The bits for timing and wire polarity are kept without effect: a set line is always a
     * request.
     */
    private void setCommand(int value) {
        boolean memoryToMemory = (value & DmaRegisters.COMMAND_MEMORY_TO_MEMORY) != 0;
        if (memoryToMemory && carriesCascade(channels[0])) {
            throw refusal(DmaRegisters.COMMAND,
                    "memory to memory needs channels 0 and 1 of its controller, but the first channel of this one "
                            + "carries the other controller");
        }
        if (memoryToMemory && channels[0].isSoftwareRequested()) {
            requireMemoryToMemoryModes(DmaRegisters.COMMAND);
        }
        if (((command ^ value) & (DmaRegisters.COMMAND_DISABLE | DmaRegisters.COMMAND_MEMORY_TO_MEMORY)) != 0) {
            inService = null;
        }
        command = value;
    }

    private void setMode(DmaChannel channel, int value) {
        DmaMode mode = DmaMode.of(value);
        int transfer = value & DmaRegisters.MODE_TRANSFER;
        if (carriesCascade(channel) && mode != DmaMode.CASCADE) {
            throw refusal(DmaRegisters.MODE,
                    "channel 4 carries the first controller and accepts cascade mode only, 0xc0; mode 0x"
                            + Integer.toHexString(value) + " is " + mode.word() + " mode");
        }
        if (mode != DmaMode.CASCADE && transfer == ILLEGAL_TRANSFER) {
            throw refusal(DmaRegisters.MODE,
                    "transfer type 3 is illegal; mode 0x" + Integer.toHexString(value | channel.index())
                            + " should have verify (0), write (1) or read (2) in bits 2-3");
        }
        if (isMemoryToMemory(channel) && channels[0].isSoftwareRequested() && transfer == DmaRegisters.MODE_VERIFY) {
            throw verifyIsNotPermitted(DmaRegisters.MODE);
        }
        release(channel);
        channel.modeRegister = value;
    }

    private void setRequest(DmaChannel channel, boolean request) {
        if (!request) {
            channel.setSoftwareRequested(false);
            release(channel);
        } else if (isMemoryToMemory(channel)) {
            requestMemoryToMemory(channel);
        } else if (channel.mode() == DmaMode.BLOCK) {
            channel.setSoftwareRequested(true);
            reach.recheck(channel);
        } else {
            throw refusal(DmaRegisters.REQUEST, "a software request is served in block mode only; channel "
                    + channel.number + " is in " + channel.mode().word() + " mode");
        }
    }

    private void requestMemoryToMemory(DmaChannel channel) {
        if (channel.index() != 0) {
            throw refusal(DmaRegisters.REQUEST,
                    "in memory to memory, channel 0 reads and channel 1 writes; it is channel 0 that is requested");
        }
        requireMemoryToMemoryModes(DmaRegisters.REQUEST);
        channel.setSoftwareRequested(true);
        reach.recheck(channel);
        reach.recheck(channels[1]);
    }

    private void requireMemoryToMemoryModes(int register) {
        DmaChannel from = channels[0];
        if (from.transferType() == DmaRegisters.MODE_VERIFY || channels[1].transferType() == DmaRegisters.MODE_VERIFY) {
            throw verifyIsNotPermitted(register);
        }
        if (from.mode() != DmaMode.BLOCK) {
            throw refusal(register,
                    "memory to memory is a block transfer; channel 0 is in " + from.mode().word() + " mode");
        }
    }

    private BusFault verifyIsNotPermitted(int register) {
        return refusal(register, "verify is not permitted in memory to memory; channel 0 reads and channel 1 writes");
    }

    /** Performs RESET, or the equivalent command. Modes, counters and base registers stay. */
    private void masterClear() {
        reset();
        for (DmaChannel channel : channels) {
            channel.setSoftwareRequested(false);
            channel.terminalCount = false;
            channel.masked = true;
        }
    }

    private void reset() {
        command = 0;
        temporary = 0;
        highByte = false;
        modeCounter = 0;
        lowestPriority = channels.length - 1;
        inService = null;
    }

    private static boolean carriesCascade(DmaChannel channel) {
        return channel.number == DmaRegisters.CASCADE;
    }

    private void forEach(Consumer<DmaChannel> action) {
        for (DmaChannel channel : channels) {
            action.accept(channel);
        }
    }

    private int flags(Predicate<DmaChannel> test) {
        int flags = 0;
        for (DmaChannel channel : channels) {
            flags |= test.test(channel) ? 1 << channel.index() : 0;
        }
        return flags;
    }

    private BusFault refusal(int register, String why) {
        return new BusFault(DmaRegisters.port(channels[0].number, register), 1, why);
    }

    // ---- state ----

    void save(StateWriter out) {
        forEach(channel -> channel.save(out));
        out.putInts(new int[] {command, temporary, modeCounter, lowestPriority,
                inService == null ? -1 : inService.index()});
        out.putBoolean(highByte);
    }

    void restore(StateReader in) {
        forEach(channel -> channel.restore(in));
        int[] words = new int[5];
        in.getInts(words);
        command = StateReader.bitsOf(words[0], 0xff);
        temporary = StateReader.bitsOf(words[1], 0xff);
        modeCounter = StateReader.bitsOf(words[2], channels.length - 1);
        lowestPriority = StateReader.bitsOf(words[3], channels.length - 1);
        inService = words[4] < 0 ? null : channels[StateReader.bitsOf(words[4], channels.length - 1)];
        StateReader.requireThat(!carriesCascade(channels[0]) || !isMemoryToMemory(channels[0]),
                "its channel 4 is set to memory to memory, but carries the first controller");
        highByte = in.getBoolean();
    }
}
