package ferrite.hardware.dma;

import ferrite.hardware.bus.AccessMonitor;
import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.report.Violation;
import ferrite.hardware.report.ViolationSink;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * An Intel 8237A with the PC/AT's page registers: four channels that move bytes, 24 address bits and not one more, a 16-bit address
 * counter that wraps inside its 64 KiB page. Single mode, to and from memory.
 *
 * <p>The controller moves {@value #BURST_BYTES} bytes every {@value #BURST_TICKS} ticks. Nobody can tell whether it does so
 * as time passes or all at once at the end, unless somebody looks in between; so it watches the pages that it is moving bytes through, and its own
 * registers, and catches up before anybody sees them.
 */
public final class DmaController implements BusDevice, Saveable {

    public static final int ADDRESS_BITS = 24;
    public static final int BURST_BYTES = 64;
    public static final int BURST_TICKS = 8;
    /** The name of the rule that a buffer out of reach breaks. */
    public static final String ABOVE_REACH = "dma-above-reach";

    private static final int PAGE_BYTES = 0x1_0000;
    private static final int IDLE = -1;

    private final PhysicalBus bus;
    private final BusMaster master;
    private final Clock clock;
    private final DmaPolicy policy;
    private final ViolationSink violations;
    private final ClockEvent burstsDone;
    private final AccessMonitor catchUp = (pa, bytes, store) -> catchUp();
    private final List<DmaChannel> channels = new ArrayList<>();
    private Consumer<Transfer> watcher = transfer -> { };
    private int command;
    private boolean highByte;
    /** Refusals since software last cleared them, a bit for each channel. */
    private int errors;
    /** The channel that moves bytes now, since when, how many it will have moved at the end, and how many it has. */
    private int active = IDLE;
    private long activeSince;
    private int planned;
    private int moved;
    private boolean moving;
    /** Between {@link #stopPlan} and {@link #startPlan}: the channel that was put aside, and how far into its next burst it was. */
    private int pausedChannel = IDLE;
    private long pausedTicks;

    public DmaController(String name, PhysicalBus bus, Clock clock, DmaPolicy policy, ViolationSink violations) {
        this.bus = bus;
        this.master = new BusMaster(name, ADDRESS_BITS);
        this.clock = clock;
        this.policy = policy;
        this.violations = violations;
        this.burstsDone = clock.newEvent(name, this::finishPlan);
        for (int number = 0; number < DmaRegisters.CHANNELS; number++) {
            channels.add(new DmaChannel(number));
        }
    }

    public String name() {
        return master.name();
    }

    /** A transfer that has come to its terminal count: where its buffer is, and how many bytes. */
    public record Transfer(int channel, long dma, int bytes) { }

    /** Has somebody outside the machine told of every transfer that is complete. */
    public void onTransfer(Consumer<Transfer> listener) {
        watcher = listener;
    }

    /** Wires a device to a channel. Returns its request line, DREQ. */
    public IrqLine connect(int number, DmaRequester requester) {
        DmaChannel channel = channels.get(number);
        channel.requester = requester;
        return level -> {
            if (moving) {
                channel.requested = level;             // the device answers us; the plan goes on when it has
                return;
            }
            stopPlan();
            channel.requested = level;
            startPlan();
        };
    }

    // ---- moving bytes ----

    private boolean canRun(DmaChannel channel) {
        return (channel.requested || channel.softwareRequested) && !channel.masked && !channel.refused
                && (command & DmaRegisters.COMMAND_DISABLE) == 0 && channel.requester != null && channel.requester.ready() > 0;
    }

    /** Fixed priority: the lowest channel that can run moves bytes until it, the device or somebody else stops it. */
    private void startPlan() {
        for (DmaChannel channel : channels) {
            if (canRun(channel) && reaches(channel)) {
                active = channel.number;
                activeSince = clock.now() - (active == pausedChannel ? pausedTicks : 0);
                planned = Math.min(channel.remaining(), channel.requester.ready());
                moved = 0;
                watch(true);
                burstsDone.scheduleAt(activeSince + ticks(planned));
                break;
            }
        }
        pausedChannel = IDLE;
    }

    /** Brings memory and registers up to now and puts the plan aside, because something about it may change. */
    private void stopPlan() {
        if (active != IDLE) {
            catchUp();
            watch(false);
            burstsDone.cancel();
            DmaChannel channel = channels.get(active);
            pausedChannel = active;
            pausedTicks = (clock.now() - activeSince) % BURST_TICKS;
            active = IDLE;
            if (moved > 0 && channel.count == 0xffff) {
                reachTerminalCount(channel);           // here and not at the event: whoever stops the plan may be there first, in the same tick
            }
        }
    }

    private void finishPlan() {
        stopPlan();
        startPlan();
    }

    private void reachTerminalCount(DmaChannel channel) {
        channel.terminalCount = true;
        channel.softwareRequested = false;
        channel.masked = true;
        watcher.accept(new Transfer(channel.number, channel.page << 16 | channel.baseAddress, channel.baseCount + 1));
        moving = true;
        channel.requester.terminalCount();
        moving = false;
    }

    /** Moves the bytes that silicon would have moved by now. */
    private void catchUp() {
        if (active == IDLE || moving) {
            return;
        }
        long bursts = (clock.now() - activeSince) / BURST_TICKS;
        int due = (int) Math.min(planned, bursts * BURST_BYTES);
        moving = true;
        while (moved < due) {
            DmaChannel channel = channels.get(active);
            int piece = Math.min(due - moved, PAGE_BYTES - channel.address);
            move(channel, piece);
            channel.advance(piece);
            moved += piece;
        }
        moving = false;
    }

    private void move(DmaChannel channel, int length) {
        byte[] bytes = new byte[length];
        if (channel.toMemory()) {
            channel.requester.supply(bytes, 0, length);
            writeWhereRamIs(channel.drivenDma(), bytes);
        } else {
            readWhereRamIs(channel.drivenDma(), bytes);
            channel.requester.accept(bytes, 0, length);
        }
    }

    /** The ISA bus has no way to say that nobody answered: such bytes are lost. */
    private void writeWhereRamIs(long pa, byte[] bytes) {
        int inRam = ramBytes(pa, bytes.length);
        bus.write(master, pa, bytes, 0, inRam);
    }

    /** A bus that nobody drives reads as ones. */
    private void readWhereRamIs(long pa, byte[] bytes) {
        int inRam = ramBytes(pa, bytes.length);
        bus.read(master, pa, bytes, 0, inRam);
        java.util.Arrays.fill(bytes, inRam, bytes.length, (byte) 0xff);
    }

    private int ramBytes(long pa, int length) {
        long end = bus.ram().base() + bus.ram().bytes();
        return bus.ram().contains(pa) ? (int) Math.min(length, end - pa) : 0;
    }

    private static long ticks(int bytes) {
        return (bytes + BURST_BYTES - 1) / BURST_BYTES * (long) BURST_TICKS;
    }

    /** Watches, or stops watching, the pages that the plan goes through; a plan that wraps goes through two pieces. */
    private void watch(boolean on) {
        DmaChannel channel = channels.get(active);
        int start = channel.address - moved & 0xffff;
        long page = channel.page << 16;
        int first = Math.min(planned, PAGE_BYTES - start);
        watchPiece(page + start, first, on);
        if (planned > first) {
            watchPiece(page, planned - first, on);
        }
    }

    /** Where no RAM is too, so that {@link PhysicalBus#settle} reaches every plan. */
    private void watchPiece(long pa, int length, boolean on) {
        if (on) {
            bus.watch(pa, length, catchUp);
        } else {
            bus.unwatch(pa, length, catchUp);
        }
    }

    // ---- the check that Ferrite is about ----

    /** Whether the channel may start. It is the address that is judged, when the channel is let loose. */
    private boolean reaches(DmaChannel channel) {
        if (channel.judged || channel.highPage == 0) {
            channel.judged = true;
            return !channel.refused;
        }
        channel.judged = true;
        channel.refused = policy == DmaPolicy.FAULT;
        if (channel.refused) {
            errors |= 1 << channel.number;
        }
        violations.report(new Violation(ABOVE_REACH, name(), channel.number,
                channel.requester == null ? "nothing" : channel.requester.name(),
                channel.askedDma(), channel.drivenDma(), channel.remaining(), channel.toMemory(), "single"));
        return !channel.refused;
    }

    private void unmask(DmaChannel channel) {
        channel.masked = false;
        if (!reaches(channel)) {
            channel.masked = true;
        }
    }

    private void addressChanged(DmaChannel channel) {
        channel.judged = false;
        channel.refused = false;
    }

    // ---- registers ----

    @Override
    public int load(long offset, int width) {
        int value = peek(offset, width);
        if (offset == DmaRegisters.STATUS) {
            channels.forEach(channel -> channel.terminalCount = false);
        } else if (offset < DmaRegisters.STATUS) {
            highByte = !highByte;
        }
        return value;
    }

    @Override
    public int peek(long offset, int width) {
        requireByte(offset, width);
        catchUp();
        int port = (int) offset;
        if (port < DmaRegisters.STATUS) {
            DmaChannel channel = channels.get(port / 2);
            int value = port % 2 == 0 ? channel.address : channel.count;
            return highByte ? value >>> 8 : value & 0xff;
        }
        if (port == DmaRegisters.STATUS) {
            return flags(channel -> channel.terminalCount) | flags(channel -> channel.requested || channel.softwareRequested) << 4;
        }
        if (port == DmaRegisters.ALL_MASKS) {
            return flags(channel -> channel.masked);
        }
        if (port == DmaRegisters.ERROR) {
            return errors;
        }
        if (DmaRegisters.channelOfPage(port) >= 0) {
            return channels.get(DmaRegisters.channelOfPage(port)).page;
        }
        if (DmaRegisters.channelOfHighPage(port) >= 0) {
            return channels.get(DmaRegisters.channelOfHighPage(port)).highPage;
        }
        throw noRegister(offset, width, "to read");
    }

    @Override
    public void store(long offset, int width, int value) {
        requireByte(offset, width);
        stopPlan();
        try {
            storePort((int) offset, value & 0xff);
        } finally {
            startPlan();
        }
    }

    private void storePort(int port, int value) {
        DmaChannel selected = channels.get(value & 3);
        boolean set = (value & DmaRegisters.SET) != 0;
        switch (port) {
            case DmaRegisters.COMMAND -> setCommand(value);
            case DmaRegisters.REQUEST -> selected.softwareRequested = set;
            case DmaRegisters.MODE -> setMode(selected, value);
            case DmaRegisters.CLEAR_FLIP_FLOP -> highByte = false;
            case DmaRegisters.MASTER_CLEAR -> masterClear();
            case DmaRegisters.CLEAR_MASKS -> channels.forEach(channel -> setMask(channel, false));
            case DmaRegisters.ERROR -> errors &= ~value;
            case DmaRegisters.SINGLE_MASK -> setMask(selected, set);
            case DmaRegisters.ALL_MASKS -> channels.forEach(channel -> setMask(channel, (value >> channel.number & 1) != 0));
            default -> storeAddressPort(port, value);
        }
    }

    private void storeAddressPort(int port, int value) {
        if (port < DmaRegisters.STATUS) {
            storeCounter(channels.get(port / 2), port % 2 == 0, value);
        } else if (DmaRegisters.channelOfPage(port) >= 0) {
            DmaChannel channel = channels.get(DmaRegisters.channelOfPage(port));
            channel.page = value;
            addressChanged(channel);
        } else if (DmaRegisters.channelOfHighPage(port) >= 0) {
            DmaChannel channel = channels.get(DmaRegisters.channelOfHighPage(port));
            channel.highPage = value;
            addressChanged(channel);
        } else {
            throw noRegister(port, 1, "to write");
        }
    }

    /** Base and current register are written together, a byte at a time. */
    private void storeCounter(DmaChannel channel, boolean address, int value) {
        int old = address ? channel.baseAddress : channel.baseCount;
        int written = highByte ? old & 0xff | value << 8 : old & 0xff00 | value;
        highByte = !highByte;
        if (address) {
            channel.baseAddress = written;
            channel.address = written;
            addressChanged(channel);
        } else {
            channel.baseCount = written;
            channel.count = written;
        }
    }

    private void setMask(DmaChannel channel, boolean mask) {
        if (mask) {
            channel.masked = true;
        } else {
            channel.judged = false;                    // each time a channel is let loose its address is judged anew
            channel.refused = false;
            unmask(channel);
        }
    }

    private void setCommand(int value) {
        if ((value & ~DmaRegisters.COMMAND_DISABLE) != 0) {
            throw new BusFault(DmaRegisters.COMMAND, 1, "this 8237A knows only the disable bit of the command register; command 0x"
                    + Integer.toHexString(value) + " asks for something else");
        }
        command = value;
    }

    private void setMode(DmaChannel channel, int value) {
        int transfer = value & DmaRegisters.MODE_TRANSFER;
        boolean known = (value & DmaRegisters.MODE_SELECT) == DmaRegisters.MODE_SINGLE
                && (transfer == DmaRegisters.MODE_READ || transfer == DmaRegisters.MODE_WRITE)
                && (value & (DmaRegisters.MODE_AUTO_INITIALISE | DmaRegisters.MODE_DECREMENT)) == 0;
        if (!known) {
            throw new BusFault(DmaRegisters.MODE, 1, "this 8237A does single mode to and from memory, incrementing; mode 0x"
                    + Integer.toHexString(value) + " asks for something else");
        }
        channel.mode = value;
    }

    private void masterClear() {
        command = 0;
        highByte = false;
        for (DmaChannel channel : channels) {
            channel.masked = true;
            channel.softwareRequested = false;
            channel.terminalCount = false;
        }
    }

    private int flags(Predicate<DmaChannel> test) {
        int flags = 0;
        for (DmaChannel channel : channels) {
            flags |= test.test(channel) ? 1 << channel.number : 0;
        }
        return flags;
    }

    private static void requireByte(long offset, int width) {
        if (width != 1) {
            throw noRegister(offset, width, "but registers one byte wide");
        }
    }

    private static BusFault noRegister(long offset, int width, String why) {
        return new BusFault(offset, width, "the DMA controller has nothing here " + why);
    }

    /** One channel as an inspector shows it; registers are as of now. */
    public record ChannelState(int number, String device, long dma, int remaining, boolean masked, boolean requested,
                               boolean active, boolean terminalCount, boolean refused, boolean toMemory) { }

    /** All channels, for those who look. */
    public List<ChannelState> look() {
        catchUp();
        return channels.stream().map(channel -> new ChannelState(channel.number,
                channel.requester == null ? null : channel.requester.name(), channel.askedDma(), channel.remaining() & 0xffff,
                channel.masked, channel.requested, channel.number == active, channel.terminalCount, channel.refused,
                channel.toMemory())).toList();
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        catchUp();
        channels.forEach(channel -> channel.save(out));
        out.putInts(new int[] {command, highByte ? 1 : 0, active, planned, moved, errors});
        out.put64(activeSince);
    }

    /** The bus has forgotten all watching by now. */
    @Override
    public void restore(StateReader in) {
        channels.forEach(channel -> channel.restore(in));
        int[] words = new int[6];
        in.getInts(words);
        command = words[0];
        highByte = words[1] != 0;
        active = words[2];
        planned = words[3];
        moved = words[4];
        errors = words[5];
        activeSince = in.get64();
        if (active != IDLE) {
            watch(true);
        }
    }
}
