package ferrite.peripherals.virtio;

import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.List;

/** The monitor's {@code virtio} command: each slot's device, its driver's progress, and the queues' addresses. */
public final class VirtioCommand implements MonitorCommand {

    /**
     * A slot of the board.
     *
     * @param base      the slot's physical address
     * @param interrupt the slot's number at the interrupt controller
     * @param transport the slot's transport; null if the slot is empty
     */
    public record Slot(long base, int interrupt, VirtioMmio transport) { }

    private record StatusBit(int bit, String name) { }

    private static final List<StatusBit> STATUS_BITS = List.of(
            new StatusBit(VirtioRegisters.ACKNOWLEDGE, "ACKNOWLEDGE"),
            new StatusBit(VirtioRegisters.DRIVER, "DRIVER"), new StatusBit(VirtioRegisters.FEATURES_OK, "FEATURES_OK"),
            new StatusBit(VirtioRegisters.DRIVER_OK, "DRIVER_OK"), new StatusBit(VirtioRegisters.DEVICE_NEEDS_RESET,
                    "DEVICE_NEEDS_RESET"), new StatusBit(VirtioRegisters.FAILED, "FAILED"));

    private final List<Slot> slots;

    public VirtioCommand(List<Slot> slots) {
        this.slots = List.copyOf(slots);
    }

    @Override
    public String name() {
        return "virtio";
    }

    @Override
    public String usage() {
        return "virtio";
    }

    @Override
    public String summary() {
        return "the virtio slots: devices, status, features, queues, and requests in flight";
    }

    @Override
    public Report run(String arguments) {
        Report report = Report.of("virtio");
        for (Slot slot : slots) {
            Report child = Report.of("slot at " + Hex.address(slot.base)).number("interrupt", slot.interrupt);
            report.child(slot.transport == null ? child.text("device", "none") : describe(child, slot.transport));
        }
        return report;
    }

    private static Report describe(Report report, VirtioMmio transport) {
        VirtioDevice device = transport.device();
        report.text("device", device.kind()).texts("status", statusOf(transport.status()));
        if (!transport.broken().isEmpty()) {
            report.text("needs reset", "because " + transport.broken());
        }
        report.text("offered", "0x" + Hex.digits(transport.features().offered(), 16))
                .text("accepted", "0x" + Hex.digits(transport.features().accepted(), 16))
                .text("interrupts", transport.interruptStatus() == 0 ? "no" : "yes");
        device.describe(report);
        for (int number = 0; number < device.queues(); number++) {
            report.child(queue(Report.of("queue " + number), transport.queues().get(number).look(),
                    device.inFlight(number)));
        }
        return report;
    }

    private static List<String> statusOf(int status) {
        List<String> names = new ArrayList<>();
        for (StatusBit bit : STATUS_BITS) {
            if ((status & bit.bit) != 0) {
                names.add(bit.name);
            }
        }
        return names.isEmpty() ? List.of("reset") : names;
    }

    private static Report queue(Report report, VirtQueue.Look queue, int inFlight) {
        if (queue == null) {
            return report.text("state", "not ready");
        }
        return report.text("state", "ready").number("size", queue.size())
                .address("descriptors", queue.table())
                .address("driver's area", queue.driver()).address("device's area", queue.device())
                .number("available", queue.available()).number("taken", queue.taken()).number("used", queue.used())
                .number("in flight", inFlight);
    }
}
