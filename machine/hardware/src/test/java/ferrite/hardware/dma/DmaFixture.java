package ferrite.hardware.dma;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.turn.Interleavings;
import java.util.ArrayList;
import java.util.List;

/**
 * A controller on a bus, with a device on each channel except the cascade, and the code of a BIOS and a driver that
 * programs it.
 */
final class DmaFixture implements AutoCloseable {

    static final long REGISTERS = 0xf000_0000L;
    static final int[] CHANNELS = {0, 1, 2, 3, 5, 6, 7};
    static final BusMaster HART = new BusMaster("hart0", 34);

    final Machine machine;
    final PhysicalBus bus;
    final Clock clock;
    final DmaController controller;
    final List<UnreachableAddress> violations = new ArrayList<>();
    final TestDevice[] devices = new TestDevice[DmaRegisters.CHANNELS];
    final IrqLine[] requests = new IrqLine[DmaRegisters.CHANNELS];

    DmaFixture(long ramBytes, DmaPolicy policy) {
        machine = new Machine(new Machine.Configuration(0, ramBytes, 1, 0, Interleavings.RR, 0));
        machine.onViolation(violations::add);
        bus = machine.bus();
        clock = machine.clock();
        for (int channel : CHANNELS) {
            devices[channel] = machine.add(new TestDevice("device" + channel));
        }
        controller = machine.add(new DmaController("dma0", bus, clock, policy, machine.violations()));
        for (int channel : CHANNELS) {
            requests[channel] = controller.connect(channel, devices[channel]);
        }
        bus.attach("dma0", REGISTERS, 0x1000, controller);
        openCascade();
    }

    /** Opens the cascade as the PC's BIOS does, so that channels 0-3 get the bus through channel 4. */
    void openCascade() {
        store(DmaRegisters.port(4, DmaRegisters.MODE), DmaRegisters.MODE_CASCADE);
        store(DmaRegisters.port(4, DmaRegisters.SINGLE_MASK), 0);
    }

    void store(int port, int value) {
        bus.store(HART, REGISTERS + port, 1, value);
    }

    int load(int port) {
        return bus.load(HART, REGISTERS + port, 1);
    }

    int peek(int port) {
        return bus.peek(REGISTERS + port, 1);
    }

    /** Programs single mode, as set_dma_mode, set_dma_addr and set_dma_count do between disable_dma and enable_dma. */
    void program(int channel, int mode, long dma, int bytes) {
        programMode(channel, DmaRegisters.MODE_SINGLE | mode, dma, bytes);
    }

    void programMode(int channel, int mode, long dma, int bytes) {
        int width = channel < 4 ? 1 : 2;
        disable(channel);
        storeChip(channel, DmaRegisters.MODE, mode | channel & 3);
        store(DmaRegisters.page(channel), (int) (dma >> 16) & 0xff);
        store(DmaRegisters.highPage(channel), (int) (dma >> 24) & 0xff);
        address(channel, (int) (dma / width));
        count(channel, bytes / width - 1);
    }

    void address(int channel, int value) {
        counter(channel, DmaRegisters.address(channel), value);
    }

    void count(int channel, int value) {
        counter(channel, DmaRegisters.count(channel), value);
    }

    private void counter(int channel, int port, int value) {
        storeChip(channel, DmaRegisters.CLEAR_FLIP_FLOP, 0);
        store(port, value & 0xff);
        store(port, value >> 8 & 0xff);
    }

    void enable(int channel) {
        storeChip(channel, DmaRegisters.SINGLE_MASK, channel & 3);
    }

    void disable(int channel) {
        storeChip(channel, DmaRegisters.SINGLE_MASK, DmaRegisters.SET | channel & 3);
    }

    void softwareRequest(int channel) {
        storeChip(channel, DmaRegisters.REQUEST, DmaRegisters.SET | channel & 3);
    }

    /** Stores into a register of the controller that has the channel. */
    void storeChip(int channel, int register, int value) {
        store(DmaRegisters.port(channel, register), value);
    }

    int loadChip(int channel, int register) {
        return load(DmaRegisters.port(channel, register));
    }

    int masks() {
        return load(DmaRegisters.ALL_MASKS) & 0xf;
    }

    /** Gives the device more bytes to move, and raises its request line. */
    void request(int channel, int bytes) {
        devices[channel].ready += bytes;
        requests[channel].set(true);
    }

    /** Returns the word count, which is 0xffff at terminal count. */
    int residue(int channel) {
        return loadCounter(channel, DmaRegisters.count(channel));
    }

    int addressOf(int channel) {
        return loadCounter(channel, DmaRegisters.address(channel));
    }

    private int loadCounter(int channel, int port) {
        storeChip(channel, DmaRegisters.CLEAR_FLIP_FLOP, 0);
        return load(port) | load(port) << 8;
    }

    byte[] ram(long pa, int length) {
        byte[] bytes = new byte[length];
        bus.read(HART, pa, bytes, 0, length);
        return bytes;
    }

    /** Lets time pass, and fires everything that is due by then. */
    void pass(long ticks) {
        passUnseen(ticks);
        clock.fireDue();
    }

    /** Lets time pass up to the end of the last tick, without firing the events that are due in it. */
    void passUnseen(long ticks) {
        long end = clock.now() + ticks;
        while (clock.now() < end) {
            clock.fireDue();
            clock.grant(end - clock.now());
            clock.budget = 0;
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
