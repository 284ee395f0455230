package ferrite.board.wiring;

import ferrite.board.layout.FerriteLayout;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.NetCard;
import ferrite.hardware.Machine;
import ferrite.hardware.interrupt.Plic;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.medium.DiskImage;
import ferrite.peripherals.virtio.VirtioBlock;
import ferrite.peripherals.virtio.VirtioCommand;
import ferrite.peripherals.virtio.VirtioConsole;
import ferrite.peripherals.virtio.VirtioDevice;
import ferrite.peripherals.virtio.VirtioEntropy;
import ferrite.peripherals.virtio.VirtioMmio;
import ferrite.peripherals.virtio.VirtioNet;
import java.util.ArrayList;
import java.util.List;

/** The virtio devices of the {@code ferrite} board, in the slots from the first one on, a network card last. */
final class VirtioSlots {

    private final List<VirtioCommand.Slot> slots = new ArrayList<>();
    private VirtioConsole console;

    VirtioSlots(Chassis chassis, BoardOptions options, Plic plic, VirtioConsole.Host consoleHost) {
        Machine machine = chassis.machine();
        List<VirtioDevice> devices = new ArrayList<>();
        for (DiskImage image : chassis.virtioDisks()) {
            String name = "vd" + (char) ('a' + devices.size());
            devices.add(new VirtioBlock(name, image, DeviceFaults.of(name, options.faults(), options.seed())));
        }
        for (VirtioKind kind : options.virtio()) {
            switch (kind) {
                case CONSOLE -> {
                    console = new VirtioConsole(consoleHost, machine.clock(),
                            DeviceFaults.of("hvc0", options.faults(), options.seed()));
                    devices.add(console);
                }
                case ENTROPY -> devices.add(new VirtioEntropy(options.seed(),
                        DeviceFaults.of("hwrng", options.faults(), options.seed())));
                default -> throw new IllegalArgumentException("no device of the kind " + kind);
            }
        }
        if (options.hasNet(NetCard.VIRTIO)) {
            devices.add(new VirtioNet(options.net().mac(), chassis.wire(), machine.clock(),
                    DeviceFaults.of("eth0", options.faults(), options.seed())));
        }
        devices.forEach(device -> plug(machine, plic, device));
    }

    private void plug(Machine machine, Plic plic, VirtioDevice device) {
        int slot = slots.size();
        String name = "virtio" + slot;
        VirtioMmio transport = machine.add(new VirtioMmio(name, device, machine.bus(), machine.clock(),
                plic.line(FerriteLayout.VIRTIO_IRQ + slot)));
        machine.bus().attach(name, FerriteLayout.virtioBase(slot), FerriteLayout.VIRTIO_BYTES, transport);
        slots.add(new VirtioCommand.Slot(FerriteLayout.virtioBase(slot), FerriteLayout.VIRTIO_IRQ + slot, transport));
    }

    /** Returns the console, or null. */
    VirtioConsole console() {
        return console;
    }

    /** Returns the slots with a device. */
    List<VirtioCommand.Slot> all() {
        return slots;
    }
}
