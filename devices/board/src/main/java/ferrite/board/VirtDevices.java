package ferrite.board;

import ferrite.hardware.Machine;
import ferrite.hardware.interrupt.Aclint;
import ferrite.hardware.interrupt.Plic;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.uart.SerialLine;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.EmptySlot;

/** What sits on the bus of the {@code virt} board. The constructor is the wiring diagram. */
final class VirtDevices {

    private final Uart uart;
    private final Finisher finisher;

    VirtDevices(Machine machine, SerialLine line, Runnable powerOff) {
        Plic plic = machine.add(new Plic(machine.harts()));
        Aclint aclint = machine.add(new Aclint(machine.clock(), machine.harts()));
        uart = machine.add(new Uart(line, plic.line(VirtLayout.UART_IRQ), machine.clock()));
        finisher = machine.add(new Finisher(powerOff));

        machine.bus().attach("finisher", VirtLayout.FINISHER, VirtLayout.FINISHER_BYTES, finisher);
        machine.bus().attach("mswi", VirtLayout.MSWI, VirtLayout.SWI_BYTES, aclint.mswi());
        machine.bus().attach("mtimer", VirtLayout.MTIMER, VirtLayout.MTIMER_BYTES, aclint.mtimer());
        machine.bus().attach("plic", VirtLayout.PLIC, VirtLayout.PLIC_BYTES, plic);
        machine.bus().attach("uart0", VirtLayout.UART, VirtLayout.UART_BYTES, uart);
        for (int slot = 0; slot < VirtLayout.VIRTIO_SLOTS; slot++) {
            machine.bus().attach("virtio" + slot, VirtLayout.VIRTIO + slot * VirtLayout.VIRTIO_BYTES, VirtLayout.VIRTIO_BYTES, new EmptySlot());
        }
    }

    Uart uart() {
        return uart;
    }

    Finisher finisher() {
        return finisher;
    }
}
