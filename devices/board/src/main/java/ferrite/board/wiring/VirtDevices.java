package ferrite.board.wiring;

import ferrite.board.layout.VirtLayout;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.DeviceOptions;
import ferrite.board.plug.PluggedDevices;
import ferrite.hardware.Machine;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.interrupt.Aclint;
import ferrite.hardware.interrupt.Plic;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.rtc.Rtc;
import ferrite.peripherals.uart.SerialLine;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.EmptySlot;
import ferrite.peripherals.virtio.VirtioBlock;
import ferrite.peripherals.virtio.VirtioCommand;
import ferrite.peripherals.virtio.VirtioConsole;
import ferrite.peripherals.virtio.VirtioDevice;
import ferrite.peripherals.virtio.VirtioEntropy;
import ferrite.peripherals.virtio.VirtioMmio;
import ferrite.peripherals.virtio.VirtioNet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The devices on the bus of the {@code virt} board, without the boot ROM. The constructor is the wiring diagram. */
final class VirtDevices {

    private final Plic plic;
    private final Aclint aclint;
    private final Uart uart;
    private final Finisher finisher;
    private final PluggedDevices plugged;
    private final boolean legacy;
    private VirtioConsole virtioConsole;
    private final List<VirtioCommand.Slot> slots = new ArrayList<>();

    /** @param log takes the lines that models write for a person */
    VirtDevices(Chassis chassis, BoardOptions options, SerialLine line, VirtioConsole.Host consoleHost,
            Consumer<String> log) {
        Machine machine = chassis.machine();
        plic = machine.add(new Plic(machine.harts()));
        aclint = machine.add(new Aclint(machine.clock(), machine.harts(), 0));
        uart = machine.add(new Uart(line, plic.line(VirtLayout.UART_IRQ), machine.clock(), true));
        finisher = machine.add(new Finisher(chassis::switchOff));

        machine.bus().attach("finisher", VirtLayout.FINISHER, VirtLayout.FINISHER_BYTES, finisher);
        machine.bus().attach("rtc0", VirtLayout.RTC, VirtLayout.RTC_BYTES, machine.add(new Rtc(machine.clock(),
                plic.line(VirtLayout.RTC_IRQ), TimeUnit.SECONDS.toNanos(options.rtcSeconds()))));
        machine.bus().attach("mswi", VirtLayout.MSWI, VirtLayout.SWI_BYTES, aclint.mswi());
        machine.bus().attach("mtimer", VirtLayout.MTIMER, VirtLayout.MTIMER_BYTES, aclint.mtimer());
        machine.bus().attach("plic", VirtLayout.PLIC, VirtLayout.PLIC_BYTES, plic);
        machine.bus().attach("uart0", VirtLayout.UART, VirtLayout.UART_BYTES, uart);
        legacy = options.virtioLegacy();
        plug(machine, plic, inSlots(virtioDevices(chassis, options, consoleHost), options));
        plugged = chassis.plugged();
        chassis.plug(plic, null, log);
    }

    private List<VirtioDevice> virtioDevices(Chassis chassis, BoardOptions options, VirtioConsole.Host consoleHost) {
        Clock clock = chassis.machine().clock();
        List<VirtioDevice> devices = new ArrayList<>();
        chassis.disks().forEach(image -> devices.add(new VirtioBlock("disk" + devices.size(), image)));
        for (VirtioKind kind : options.virtio()) {
            switch (kind) {
                case CONSOLE -> {
                    virtioConsole = new VirtioConsole(consoleHost, clock);
                    devices.add(virtioConsole);
                }
                case ENTROPY -> devices.add(new VirtioEntropy(options.seed()));
                default -> throw new IllegalArgumentException("no device of the kind " + kind);
            }
        }
        if (chassis.wire() != null) {
            devices.add(new VirtioNet(options.net().mac(), chassis.wire(), clock));
        }
        return devices;
    }

    /**
     * Returns the device of each slot. A device has the slot that was chosen for it; the others get the last free ones
     * in their order, as QEMU's {@code -device} does.
     */
    private static VirtioDevice[] inSlots(List<VirtioDevice> devices, BoardOptions options) {
        List<Integer> chosen = new ArrayList<>();
        options.disks().forEach(disk -> chosen.add(disk.slot()));
        options.virtio().forEach(kind -> chosen.add(options.virtioSlot(kind)));
        VirtioDevice[] slots = new VirtioDevice[VirtLayout.VIRTIO_SLOTS];
        for (int i = 0; i < chosen.size(); i++) {
            if (chosen.get(i) != DeviceOptions.ANY_SLOT) {
                slots[chosen.get(i)] = devices.get(i);
            }
        }
        int free = VirtLayout.VIRTIO_SLOTS - 1;
        for (int i = 0; i < devices.size(); i++) {
            if (i >= chosen.size() || chosen.get(i) == DeviceOptions.ANY_SLOT) {
                while (slots[free] != null) {
                    free--;
                }
                slots[free] = devices.get(i);
            }
        }
        return slots;
    }

    private void plug(Machine machine, Plic plic, VirtioDevice[] devices) {
        for (int slot = VirtLayout.VIRTIO_SLOTS - 1; slot >= 0; slot--) {
            String name = "virtio" + slot;
            long base = VirtLayout.virtioBase(slot);
            int interrupt = VirtLayout.VIRTIO_IRQ + slot;
            if (devices[slot] != null) {
                VirtioMmio transport = machine.add(new VirtioMmio(name, devices[slot], machine.bus(),
                        machine.clock(), plic.line(interrupt), legacy));
                machine.bus().attach(name, base, VirtLayout.VIRTIO_BYTES, transport);
                slots.add(new VirtioCommand.Slot(base, interrupt, transport));
            } else {
                machine.bus().attach(name, base, VirtLayout.VIRTIO_BYTES, new EmptySlot(legacy));
                slots.add(new VirtioCommand.Slot(base, interrupt, null));
            }
        }
    }

    Plic plic() {
        return plic;
    }

    Aclint aclint() {
        return aclint;
    }

    /** Returns the name of the device at a PLIC source, or null. */
    String interruptName(int source) {
        int slot = source - VirtLayout.VIRTIO_IRQ;
        boolean isSlot = slot >= 0 && slot < VirtLayout.VIRTIO_SLOTS;
        return source == VirtLayout.UART_IRQ ? "uart0" : source == VirtLayout.RTC_IRQ ? "rtc0"
                : isSlot ? "virtio" + slot : plugged.interruptName(source);
    }

    Uart uart() {
        return uart;
    }

    Finisher finisher() {
        return finisher;
    }

    /** Returns the virtio console; null if there is none. */
    VirtioConsole virtioConsole() {
        return virtioConsole;
    }

    /** Returns the slots, the last one first. */
    List<VirtioCommand.Slot> slots() {
        return slots;
    }
}
