package ferrite.hardware.dma;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.report.ViolationSink;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;
import java.util.function.Consumer;

/**
 * The DMA controller of the PC/AT, as software and devices see it: two Intel 8237A, of which one asks for the bus through the other
 * ({@link CascadedPair}), and a page register for each channel. 24 address bits and not one more; a 16-bit address counter that wraps inside its
 * page of 64 KiB, or 128 KiB where it counts words.
 *
 * <p>It moves at most {@value #BURST_BYTES} bytes every {@value #BURST_TICKS} ticks ({@link DmaPacer}). After a reset channel 4 has to be put
 * into cascade mode and unmasked before channels 0-3 get the bus, which the PC's BIOS does.
 */
public final class DmaController implements BusDevice, Saveable {

    public static final int ADDRESS_BITS = 24;
    public static final int BURST_BYTES = 64;
    public static final int BURST_TICKS = 8;
    /** The name of the rule that a buffer out of reach breaks. */
    public static final String ABOVE_REACH = "dma-above-reach";

    private final String name;
    private final DmaReach reach;
    private final CascadedPair pair;
    private final DmaPacer pacer;
    private Consumer<Transfer> watcher = transfer -> { };

    public DmaController(String name, PhysicalBus bus, Clock clock, DmaPolicy policy, ViolationSink violations) {
        this.name = name;
        reach = new DmaReach(name, policy, violations);
        pair = new CascadedPair(reach);
        pacer = new DmaPacer(name, pair, bus, new IsaBus(bus, new BusMaster(name, ADDRESS_BITS)), clock, this::tellOfTransfer);
    }

    public String name() {
        return name;
    }

    /** A transfer that has come to its terminal count: where its buffer is, and how many bytes. Memory to memory is one of channel 1. */
    public record Transfer(int channel, long dma, int bytes) { }

    /** Has somebody outside the machine told of every transfer that is complete. */
    public void onTransfer(Consumer<Transfer> listener) {
        watcher = listener;
    }

    private void tellOfTransfer(DmaChannel channel) {
        watcher.accept(new Transfer(channel.number, channel.bufferDma(), channel.bufferBytes()));
    }

    /** Wires a device to a channel. Returns its request line, DREQ. */
    public IrqLine connect(int number, DmaRequester requester) {
        if (number == DmaRegisters.CASCADE) {
            throw new IllegalArgumentException("channel 4 carries the first controller; " + requester.name() + " needs one of the others");
        }
        DmaChannel channel = pair.channels.get(number);
        channel.requester = requester;
        return level -> {
            if (pacer.isMoving()) {
                channel.requested = level;             // the device answers us; the plan goes on when it has
                return;
            }
            pacer.stop();
            channel.requested = level;
            pacer.start();
        };
    }

    // ---- registers ----

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
        throw noRegister(offset, width, "to read");
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
            throw noRegister(port, 1, "to write");
        }
    }

    private static void requireByte(long offset, int width) {
        if (width != 1) {
            throw noRegister(offset, width, "but registers one byte wide");
        }
    }

    private static BusFault noRegister(long offset, int width, String why) {
        return new BusFault(offset, width, "the DMA controller has nothing here " + why);
    }

    // ---- looking ----

    /**
     * One channel as an inspector shows it; registers are as of now.
     *
     * @param dma       the 32-bit address that software asked for, as far as it has been counted up or down
     * @param remaining bytes, modulo what the counter holds
     * @param mode      demand, single, block, cascade or memory-to-memory
     * @param direction where the bytes go
     * @param active    whether it has the bus
     */
    public record ChannelState(int number, String device, long dma, int remaining, String mode, String direction, boolean masked,
                               boolean requested, boolean active, boolean terminalCount, boolean refused) { }

    /** All channels, for those who look. */
    public List<ChannelState> look() {
        pacer.catchUp();
        return pair.channels.stream().map(this::look).toList();
    }

    private ChannelState look(DmaChannel channel) {
        return new ChannelState(channel.number, channel.deviceName(), channel.askedDma(), (channel.remaining() & 0xffff) * channel.width,
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
