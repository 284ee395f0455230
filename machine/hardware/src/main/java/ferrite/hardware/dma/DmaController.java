package ferrite.hardware.dma;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.ShiftedDevice;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.report.ViolationSink;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;
import java.util.function.Consumer;

/**
 * The DMA controller of the PC/AT, with the interface for software and devices: two cascaded Intel 8237A ({@link
 * CascadedPair}), and a page register for each channel. It has exactly 24 address bits. The 16-bit address counter
 * wraps inside its page of 64 KiB, or of 128 KiB where it counts words.
 *
 * <p>It moves at most {@value #BURST_BYTES} bytes every {@value #BURST_TICKS} ticks ({@link DmaPacer}). After a reset,
 * channel 4 must be put into cascade mode and unmasked before channels 0-3 get the bus. The PC's BIOS does so.
 */
public final class DmaController implements BusDevice, Saveable {

    public static final int ADDRESS_BITS = 24;
    public static final int BURST_BYTES = 64;
    public static final int BURST_TICKS = 8;

    private final String name;
    private final PhysicalBus bus;
    private final DmaReach reach;
    private final CascadedPair pair;
    private final DmaPacer pacer;
    private Consumer<Transfer> watcher = transfer -> { };

    public DmaController(String name, PhysicalBus bus, Clock clock, DmaPolicy policy, ViolationSink violations) {
        this.name = name;
        this.bus = bus;
        BusMaster master = new BusMaster(name, ADDRESS_BITS);
        reach = new DmaReach(master, policy, violations);
        pair = new CascadedPair(reach);
        pacer = new DmaPacer(name, pair, bus, new IsaBus(bus), clock, this::tellOfTransfer);
    }

    public String name() {
        return name;
    }

    /**
     * A transfer at its terminal count: the address and size of its buffer. A memory-to-memory transfer belongs to
     * channel 1.
     */
    public record Transfer(int channel, long dma, int bytes) { }

    /** Sets the listener outside the machine for completed transfers. */
    public void onTransfer(Consumer<Transfer> listener) {
        watcher = listener;
    }

    private void tellOfTransfer(DmaChannel channel) {
        watcher.accept(new Transfer(channel.number, channel.bufferDma(), channel.bufferBytes()));
    }

    /** Wires a device to a channel. Returns its request line, DREQ. */
    public IrqLine connect(int number, DmaRequester requester) {
        if (number == DmaRegisters.CASCADE) {
            throw new IllegalArgumentException("channel 4 carries the first controller; " + requester.name()
                    + " needs one of the others, 0 to 3 or 5 to 7");
        }
        DmaChannel channel = pair.channels.get(number);
        channel.requester = requester;
        bus.describeRequests(channel.master.name(), requester::request);
        return level -> {
            if (pacer.isMoving()) {
                channel.setRequested(level); // a device's answer during a move; the plan goes on after the move
                return;
            }
            pacer.stop();
            channel.setRequested(level);
            pacer.start();
        };
    }

    // ---- registers ----

    /** Returns the part of the registers from {@link DmaRegisters#HIGH_PORTS} on, for a range of its own. */
    public BusDevice highRegisters() {
        return new ShiftedDevice(this, DmaRegisters.HIGH_PORTS);
    }

    @Override
    public int load(long offset, int width) {
        int value = peek(offset, width);
        int port = (int) offset;
        if (DmaRegisters.isOfFirst(port)) {
            pair.first.wasRead(port);
        } else if (DmaRegisters.isOfSecond(port)) {
            pair.second.wasRead(DmaRegisters.registerOfSecond(port));
        }
        return value;
    }

    @Override
    public int peek(long offset, int width) {
        requireByte(offset, width);
        pacer.catchUp();
        int port = (int) offset;
        if (DmaRegisters.isOfFirst(port)) {
            return pair.first.peek(port);
        }
        if (DmaRegisters.isOfSecond(port)) {
            return pair.second.peek(DmaRegisters.registerOfSecond(port));
        }
        if (DmaRegisters.channelOfPage(port) >= 0) {
            return pair.channels.get(DmaRegisters.channelOfPage(port)).page;
        }
        if (DmaRegisters.channelOfHighPage(port) >= 0) {
            return pair.channels.get(DmaRegisters.channelOfHighPage(port)).highPage;
        }
        if (port == DmaRegisters.ERROR) {
            return reach.errors();
        }
        throw noRegister(offset, width, "has no register to read here");
    }

    @Override
    public void store(long offset, int width, int value) {
        requireByte(offset, width);
        pacer.stop();
        try {
            storePort((int) offset, value & 0xff);
        } finally {
            pacer.start();
        }
    }

    private void storePort(int port, int value) {
        if (DmaRegisters.isOfFirst(port)) {
            pair.first.store(port, value);
        } else if (DmaRegisters.isOfSecond(port)) {
            pair.second.store(DmaRegisters.registerOfSecond(port), value);
        } else if (DmaRegisters.channelOfPage(port) >= 0) {
            DmaChannel channel = pair.channels.get(DmaRegisters.channelOfPage(port));
            channel.page = value;
            reach.forget(channel);
        } else if (DmaRegisters.channelOfHighPage(port) >= 0) {
            DmaChannel channel = pair.channels.get(DmaRegisters.channelOfHighPage(port));
            channel.highPage = value;
            reach.forget(channel);
        } else if (port == DmaRegisters.ERROR) {
            reach.clearErrors(value);
        } else {
            throw noRegister(port, 1, "has no register to write here");
        }
    }

    private static void requireByte(long offset, int width) {
        if (width != 1) {
            throw noRegister(offset, width, "has only registers one byte wide");
        }
    }

    private static BusFault noRegister(long offset, int width, String why) {
        return new BusFault(offset, width, "the DMA controller " + why);
    }

    // ---- inspection ----

    /**
     * One channel for an inspector, with its current register values.
     *
     * @param dma       the 32-bit address that software wrote, as counted up or down since
     * @param remaining bytes until terminal count, modulo the counter's range
     * @param mode      demand, single, block, cascade or memory-to-memory
     * @param direction the direction in which bytes move
     * @param active    whether it has the bus
     */
    public record ChannelState(int number, String device, long dma, int remaining, String mode, String direction,
            boolean masked, boolean requested, boolean active, boolean terminalCount, boolean refused) { }

    /** Returns the state of all channels for an inspector. */
    public List<ChannelState> look() {
        pacer.catchUp();
        return pair.channels.stream().map(this::look).toList();
    }

    private ChannelState look(DmaChannel channel) {
        return new ChannelState(channel.number, channel.deviceName(), channel.askedDma(),
                (channel.remaining() & 0xffff) * channel.width,
                channel.chip.modeWord(channel), channel.chip.direction(channel), channel.masked, channel.asks(),
                pacer.isActive(channel), channel.terminalCount, channel.refused);
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        pacer.catchUp();
        pair.first.save(out);
        pair.second.save(out);
        out.put32(reach.errors());
        pacer.save(out);
    }

    @Override
    public void restore(StateReader in) {
        pair.first.restore(in);
        pair.second.restore(in);
        reach.restoreErrors(in.get32());
        pacer.restore(in);
    }
}
