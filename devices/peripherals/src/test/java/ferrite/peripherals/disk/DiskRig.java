package ferrite.peripherals.disk;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateMedia;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.medium.DiskImage;
import java.util.List;

/**
 * A disk controller on channel 2 of a real DMA controller, with RAM and a clock. There is no kernel: the test is the
 * software.
 */
final class DiskRig {

    static final int CHANNEL = 2;
    static final long BUFFER = 0x2_0000;

    final Clock clock = new Clock();
    final PhysicalBus bus = new PhysicalBus(new Ram(0, 1 << 20));
    final DmaController dma = new DmaController("dma0", bus, clock, DmaPolicy.FAULT, violation -> { });
    final Disk disk;
    boolean interrupt;

    DiskRig(DiskImage... images) {
        disk = new Disk("disk", List.of(images), clock, level -> interrupt = level);
        disk.connect(dma.connect(CHANNEL, disk));
        openCascade();
    }

    /** Opens channel 4, as the kernel does at boot: channels 0-3 get the bus through it. */
    private void openCascade() {
        dma.store(DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.MODE), 1, DmaRegisters.MODE_CASCADE);
        dma.store(DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.SINGLE_MASK), 1, 0);
    }

    int load(int register) {
        return disk.load(register, 4);
    }

    void store(int register, int value) {
        disk.store(register, 4, value);
    }

    /** Sets up the channel for the buffer, and unmasks it. */
    void openChannel(int bytes, boolean toMemory) {
        dma.store(DmaRegisters.SINGLE_MASK, 1, CHANNEL | DmaRegisters.SET);
        dma.store(DmaRegisters.CLEAR_FLIP_FLOP, 1, 0);
        dma.store(DmaRegisters.MODE, 1,
                DmaRegisters.MODE_SINGLE | (toMemory ? DmaRegisters.MODE_WRITE : DmaRegisters.MODE_READ) | CHANNEL);
        dma.store(DmaRegisters.ADDRESS_0 + 2 * CHANNEL, 1, (int) BUFFER & 0xff);
        dma.store(DmaRegisters.ADDRESS_0 + 2 * CHANNEL, 1, (int) BUFFER >> 8 & 0xff);
        dma.store(DmaRegisters.page(CHANNEL), 1, (int) (BUFFER >> 16));
        dma.store(DmaRegisters.highPage(CHANNEL), 1, 0);
        dma.store(DmaRegisters.COUNT_0 + 2 * CHANNEL, 1, bytes - 1 & 0xff);
        dma.store(DmaRegisters.COUNT_0 + 2 * CHANNEL, 1, bytes - 1 >> 8);
        dma.store(DmaRegisters.SINGLE_MASK, 1, CHANNEL);
    }

    /** Starts a request, with a channel set up for the same number of sectors. */
    void request(int command, int lba, int sectors) {
        openChannel(Math.min(sectors * DiskRegisters.SECTOR_BYTES, 0x1_0000), command == DiskRegisters.READ);
        command(command, lba, sectors);
    }

    void command(int command, int lba, int sectors) {
        store(DiskRegisters.LBA, lba);
        store(DiskRegisters.COUNT, sectors);
        store(DiskRegisters.COMMAND, command);
    }

    /** Runs all events until none is scheduled. */
    void finish() {
        for (long due = clock.nextDue(); due != Long.MAX_VALUE; due = clock.nextDue()) {
            clock.jumpTo(due);
            clock.fireDue();
        }
    }

    /** Runs the next events. */
    void step(int events) {
        for (int i = 0; i < events && clock.nextDue() != Long.MAX_VALUE; i++) {
            clock.jumpTo(clock.nextDue());
            clock.fireDue();
        }
    }

    byte[] buffer(int length) {
        byte[] bytes = new byte[length];
        bus.peek(BUFFER, bytes, 0, length);
        return bytes;
    }

    void fillBuffer(byte[] bytes) {
        bus.write(new BusMaster("test", 32), BUFFER, bytes, 0, bytes.length);
    }

    private List<Saveable> parts() {
        return List.of(clock, disk, dma);
    }

    byte[] save() {
        bus.settle();
        StateWriter out = new StateWriter();
        parts().forEach(part -> part.save(out));
        return out.toBytes();
    }

    byte[] saveBesideMedia() {
        bus.settle();
        StateWriter out = new StateWriter(StateMedia.KEPT_BESIDE);
        parts().forEach(part -> part.save(out));
        return out.toBytes();
    }

    void restoreBesideMedia(byte[] state) {
        StateReader in = new StateReader(state, StateMedia.KEPT_BESIDE);
        parts().forEach(part -> part.restore(in));
    }

    void restore(byte[] state) {
        StateReader in = new StateReader(state);
        parts().forEach(part -> part.restore(in));
    }
}
