package ferrite.board.wiring;

import ferrite.board.layout.FerriteLayout;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.NetCard;
import ferrite.board.plug.PluggedDevices;
import ferrite.hardware.Machine;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.interrupt.Aclint;
import ferrite.hardware.interrupt.Plic;
import ferrite.peripherals.console.Console;
import ferrite.peripherals.copier.Copier;
import ferrite.peripherals.disk.Disk;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.nic.Nic;
import ferrite.peripherals.nic.NicCommand;
import ferrite.peripherals.rtc.Rtc;
import ferrite.peripherals.sound.SoundCard;
import ferrite.peripherals.uart.SerialLine;
import ferrite.peripherals.uart.Uart;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The devices on the bus of the {@code ferrite} board, without the boot ROM. The constructor is the wiring diagram. */
final class FerriteDevices {

    private final Plic plic;
    private final Aclint aclint;
    private final DmaController dma;
    private final Console console;
    private final Uart uart;
    private final Finisher finisher;
    private final PluggedDevices plugged;
    private final int virtioDevices;

    /** @param log takes the lines that models write for a person */
    FerriteDevices(Chassis chassis, BoardOptions options, Console.Host consoleHost, SerialLine line,
            Runnable powerOff, Consumer<String> log) {
        Machine machine = chassis.machine();
        plic = machine.add(new Plic(machine.harts()));
        aclint = machine.add(new Aclint(machine.clock(), machine.harts()));
        dma = new DmaController("dma0", machine.bus(), machine.clock(), options.dma(), machine.violations());
        Disk disk = machine.add(new Disk("disk", chassis.disks(), machine.clock(), plic.line(FerriteLayout.DISK_IRQ),
                DeviceFaults.of("disk", options.faults(), options.seed())));
        disk.connect(dma.connect(FerriteLayout.DISK_DMA_CHANNEL, disk));
        machine.add(dma);
        console = machine.add(new Console("console0", machine.bus(), plic.line(FerriteLayout.CONSOLE_IRQ),
                machine.turn()::eventNumber, machine.clock()::now, consoleHost));
        uart = machine.add(new Uart(line, plic.line(FerriteLayout.UART_IRQ), machine.clock(), false,
                DeviceFaults.of("uart", options.faults(), options.seed())));
        finisher = machine.add(new Finisher(powerOff));
        Copier copier = machine.add(new Copier("copier0", machine.bus(), machine.clock(),
                plic.line(FerriteLayout.COPIER_IRQ), options.copierAddressBits(), machine.violations(),
                DeviceFaults.of("copier", options.faults(), options.seed())));

        machine.bus().attach("mswi", FerriteLayout.MSWI, FerriteLayout.SWI_BYTES, aclint.mswi());
        machine.bus().attach("mtimer", FerriteLayout.MTIMER, FerriteLayout.MTIMER_BYTES, aclint.mtimer());
        machine.bus().attach("sswi", FerriteLayout.SSWI, FerriteLayout.SWI_BYTES, aclint.sswi());
        machine.bus().attach("plic", FerriteLayout.PLIC, FerriteLayout.PLIC_BYTES, plic);
        machine.bus().attach("finisher", FerriteLayout.FINISHER, FerriteLayout.FINISHER_BYTES, finisher);
        machine.bus().attach("dma0", FerriteLayout.DMA, FerriteLayout.DMA_BYTES, dma);
        machine.bus().attach("uart0-ports", FerriteLayout.UART_PORTS, FerriteLayout.UART_PORTS_BYTES, uart);
        machine.bus().attach("dma0-high", FerriteLayout.DMA_HIGH, FerriteLayout.DMA_HIGH_BYTES, dma.highRegisters());
        machine.bus().attach("disk", FerriteLayout.DISK, FerriteLayout.DISK_BYTES, disk);
        machine.bus().attach("console0", FerriteLayout.CONSOLE, FerriteLayout.CONSOLE_BYTES, console);
        machine.bus().attach("uart0", FerriteLayout.UART, FerriteLayout.UART_BYTES, uart);
        machine.bus().attach("copier0", FerriteLayout.COPIER, FerriteLayout.COPIER_BYTES, copier);

        if (chassis.sound() != null) {
            SoundCard sound = machine.add(new SoundCard("sound0", machine.clock(), plic.line(FerriteLayout.SOUND_IRQ),
                    chassis.sound(), List.of(DeviceFaults.of("sound", options.faults(), options.seed()),
                            DeviceFaults.of("sound", options.faults(), ~options.seed()))));
            sound.connect(dma);
            machine.bus().attach("sound0", FerriteLayout.SOUND, FerriteLayout.SOUND_BYTES, sound);
        }
        if (options.hasRtc()) {
            machine.bus().attach("rtc0", FerriteLayout.RTC, FerriteLayout.RTC_BYTES, machine.add(
                    new Rtc(machine.clock(), plic.line(FerriteLayout.RTC_IRQ),
                            TimeUnit.SECONDS.toNanos(options.rtcSeconds()),
                            DeviceFaults.of("rtc0", options.faults(), options.seed()))));
        }
        if (chassis.hostfs() != null) {
            machine.bus().attach("hostfs0", FerriteLayout.HOSTFS, FerriteLayout.HOSTFS_BYTES,
                    machine.add(chassis.hostfs()));
        }
        if (options.hasNet(NetCard.NIC)) {
            Nic nic = machine.add(new Nic("nic0", machine.bus(), machine.clock(), plic.line(FerriteLayout.NIC_IRQ),
                    new Nic.Plug(options.net().mac(), chassis.wire()),
                    DeviceFaults.of("eth0", options.faults(), options.seed())));
            machine.bus().attach("nic0", FerriteLayout.NIC, FerriteLayout.NIC_BYTES, nic);
            chassis.monitor().add(new NicCommand(nic));
        }
        virtioDevices = options.virtioDevices();
        plugged = chassis.plugged();
        chassis.plug(plic, dma, log);
    }

    Plic plic() {
        return plic;
    }

    Aclint aclint() {
        return aclint;
    }

    /** Returns the name of the device at a PLIC source, or null. */
    String interruptName(int source) {
        return switch (source) {
            case FerriteLayout.DISK_IRQ -> "disk";
            case FerriteLayout.CONSOLE_IRQ -> "console0";
            case FerriteLayout.UART_IRQ -> "uart0";
            case FerriteLayout.COPIER_IRQ -> "copier0";
            case FerriteLayout.SOUND_IRQ -> "sound0";
            case FerriteLayout.RTC_IRQ -> "rtc0";
            case FerriteLayout.NIC_IRQ -> "nic0";
            default -> {
                int slot = source - FerriteLayout.VIRTIO_IRQ;
                yield slot >= 0 && slot < virtioDevices ? "virtio" + slot : plugged.interruptName(source);
            }
        };
    }

    DmaController dma() {
        return dma;
    }

    Console console() {
        return console;
    }

    Uart uart() {
        return uart;
    }

    Finisher finisher() {
        return finisher;
    }
}
