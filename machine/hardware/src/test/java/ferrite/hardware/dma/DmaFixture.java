package ferrite.hardware.dma;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import java.util.ArrayList;
import java.util.List;

/** A controller on a bus, with a device on each channel, and a driver that programs it as Linux does. */
final class DmaFixture implements AutoCloseable {

    static final long REGISTERS = 0xf000_0000L;
    static final BusMaster HART = new BusMaster("hart0", 34);

    final Machine machine;
    final PhysicalBus bus;
    final Clock clock;
    final DmaController controller;
    final List<Violation> violations = new ArrayList<>();
    final TestDevice[] devices = new TestDevice[DmaRegisters.CHANNELS];
    final IrqLine[] requests = new IrqLine[DmaRegisters.CHANNELS];

    DmaFixture(long ramBytes, DmaPolicy policy) {
        machine = new Machine(new Machine.Configuration(0, ramBytes, 1, 0, Interleavings.RR, 0));
        machine.onViolation(violations::add);
        bus = machine.bus();
        clock = machine.clock();
        for (int channel = 0; channel < devices.length; channel++) {
            devices[channel] = machine.add(new TestDevice("device" + channel));
        }
        controller = machine.add(new DmaController("dma0", bus, clock, policy, machine.violations()));
        for (int channel = 0; channel < devices.length; channel++) {
            requests[channel] = controller.connect(channel, devices[channel]);
        }
        bus.attach("dma0", REGISTERS, 0x1000, controller);
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

    /** What set_dma_mode, set_dma_addr and set_dma_count do, between disable_dma and enable_dma. */
    void program(int channel, int mode, long dma, int bytes) {
        store(DmaRegisters.SINGLE_MASK, DmaRegisters.SET | channel);
        store(DmaRegisters.CLEAR_FLIP_FLOP, 0);
        store(DmaRegisters.MODE, DmaRegisters.MODE_SINGLE | mode | channel);
        store(DmaRegisters.page(channel), (int) (dma >> 16) & 0xff);
        store(DmaRegisters.highPage(channel), (int) (dma >> 24) & 0xff);
        store(2 * channel, (int) dma & 0xff);
        store(2 * channel, (int) (dma >> 8) & 0xff);
        store(2 * channel + 1, bytes - 1 & 0xff);
        store(2 * channel + 1, bytes - 1 >> 8 & 0xff);
    }

    void enable(int channel) {
        store(DmaRegisters.SINGLE_MASK, channel);
    }

    void disable(int channel) {
        store(DmaRegisters.SINGLE_MASK, DmaRegisters.SET | channel);
    }

    /** The device has bytes to move, and says so. */
    void request(int channel, int bytes) {
        devices[channel].ready += bytes;
        requests[channel].set(true);
    }

    /** get_dma_residue without the plus one: 0xffff at terminal count. */
    int residue(int channel) {
        store(DmaRegisters.CLEAR_FLIP_FLOP, 0);
        return load(2 * channel + 1) | load(2 * channel + 1) << 8;
    }

    byte[] ram(long pa, int length) {
        byte[] bytes = new byte[length];
        bus.read(HART, pa, bytes, 0, length);
        return bytes;
    }

    /** Lets time pass, and everything that is due by then happen. */
    void pass(long ticks) {
        passUnseen(ticks);
        clock.fireDue();
    }

    /** Lets time pass up to the end of the last tick, before what is due in it has happened. */
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
