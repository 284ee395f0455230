package ferrite.peripherals.sound;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.Fault;
import java.util.List;

/** A sound card on a real DMA controller, with RAM and a clock. There is no kernel: the test is the software. */
final class SoundRig {

    static final int BUFFER = 0x2_0000;

    final Clock clock = new Clock();
    final PhysicalBus bus = new PhysicalBus(new Ram(0, 1 << 20));
    final DmaController dma = new DmaController("dma0", bus, clock, DmaPolicy.FAULT, violation -> { });
    final SoundCard card;
    boolean interrupt;

    SoundRig(SoundFiles files) {
        this(files, DeviceFaults.none());
    }

    /** @param faults of the blocks of 8 bits; those of 16 have none */
    SoundRig(SoundFiles files, DeviceFaults faults) {
        DeviceFaults others = faults.areAny() ? DeviceFaults.of("sound", List.of(Fault.parse("sound=slow@999")), 0)
                : DeviceFaults.none();
        card = new SoundCard("sound0", clock, level -> interrupt = level, files, List.of(faults, others));
        card.connect(dma);
        dma.store(DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.MODE), 1, DmaRegisters.MODE_CASCADE);
        dma.store(DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.SINGLE_MASK), 1, 0);
    }

    int load(int register) {
        return card.load(register, 1);
    }

    /** Gives the DSP bytes, each when it takes one. */
    void command(int... bytes) {
        for (int value : bytes) {
            pass(SoundRegisters.BUSY_MICROSECONDS);
            card.store(SoundRegisters.WRITE_DATA, 1, value);
        }
    }

    void reset() {
        card.store(SoundRegisters.RESET, 1, 1);
        card.store(SoundRegisters.RESET, 1, 0);
        pass(SoundRegisters.RESET_MICROSECONDS);
    }

    int mixer(int register) {
        card.store(SoundRegisters.MIXER_ADDRESS, 1, register);
        return load(SoundRegisters.MIXER_DATA);
    }

    /** Sets up a channel for a part of the buffer, and unmasks it. */
    void openChannel(int channel, int bytes, boolean toMemory) {
        int shift = channel >= 4 ? 1 : 0;
        int low = (BUFFER & 0xffff) >> shift;
        int count = (bytes >> shift) - 1;
        port(channel, DmaRegisters.SINGLE_MASK, channel & 3 | DmaRegisters.SET);
        port(channel, DmaRegisters.CLEAR_FLIP_FLOP, 0);
        port(channel, DmaRegisters.MODE, DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_AUTO_INITIALISE
                | (toMemory ? DmaRegisters.MODE_WRITE : DmaRegisters.MODE_READ) | channel & 3);
        dma.store(DmaRegisters.address(channel), 1, low & 0xff);
        dma.store(DmaRegisters.address(channel), 1, low >> 8);
        dma.store(DmaRegisters.page(channel), 1, BUFFER >> 16);
        dma.store(DmaRegisters.highPage(channel), 1, 0);
        dma.store(DmaRegisters.count(channel), 1, count & 0xff);
        dma.store(DmaRegisters.count(channel), 1, count >> 8);
        port(channel, DmaRegisters.SINGLE_MASK, channel & 3);
    }

    private void port(int channel, int register, int value) {
        dma.store(DmaRegisters.port(channel, register), 1, value);
    }

    /** Lets time pass, with its events. */
    void pass(int microseconds) {
        long end = clock.now() + (long) microseconds * Clock.TICKS_PER_MICROSECOND;
        while (clock.nextDue() <= end) {
            clock.jumpTo(clock.nextDue());
            clock.fireDue();
        }
        clock.jumpTo(end);
    }

    void fill(byte[] bytes) {
        bus.write(new BusMaster("test", 32), BUFFER, bytes, 0, bytes.length);
    }

    byte[] buffer(int length) {
        bus.settle();
        byte[] bytes = new byte[length];
        bus.peek(BUFFER, bytes, 0, length);
        return bytes;
    }

    private List<Saveable> parts() {
        return List.of(clock, card, dma);
    }

    byte[] save() {
        bus.settle();
        StateWriter out = new StateWriter();
        parts().forEach(part -> part.save(out));
        return out.toBytes();
    }

    void restore(byte[] state) {
        StateReader in = new StateReader(state);
        parts().forEach(part -> part.restore(in));
    }
}
