package ferrite.kernel.fs;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import java.util.ArrayList;
import java.util.List;

/** {@code /proc/cpuinfo}, as Linux 6.1 prints it on RISC-V: a paragraph for each hart, from the device tree. */
final class CpuInfo implements ProcFile {

    /** The extensions of several letters that Linux 6.1 prints, in its order. */
    private static final List<String> EXTENSIONS = List.of("sscofpmf", "sstc", "svinval", "svpbmt", "zicbom",
            "zihintpause");

    private final DeviceTreeNode machine;
    private final int harts;

    CpuInfo(DeviceTreeNode machine, int harts) {
        this.machine = machine;
        this.harts = harts;
    }

    @Override
    public String name() {
        return "cpuinfo";
    }

    private List<DeviceTreeNode> nodes() {
        List<DeviceTreeNode> nodes = new ArrayList<>();
        machine.find("/cpus").ifPresent(cpus -> cpus.children().stream().filter(node -> node.has("riscv,isa"))
                .forEach(nodes::add));
        return nodes.subList(0, Math.min(harts, nodes.size()));
    }

    private static String isa(DeviceTreeNode node) {
        List<String> parts = List.of(node.string("riscv,isa").split("_"));
        StringBuilder isa = new StringBuilder(parts.get(0));
        EXTENSIONS.stream().filter(parts::contains).forEach(extension -> isa.append('_').append(extension));
        return isa.toString();
    }

    /** The identification registers of all harts are 0. */
    @Override
    public String text(ReadableMemory view) {
        StringBuilder text = new StringBuilder();
        int number = 0;
        for (DeviceTreeNode node : nodes()) {
            text.append("processor\t: ").append(number++).append("\nhart\t\t: ").append(node.cell("reg"))
                    .append("\nisa\t\t: ").append(isa(node))
                    .append("\nmmu\t\t: sv32\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\n\n");
        }
        return text.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (DeviceTreeNode node : nodes()) {
            report.child(Report.of(node.name()).number("hart", node.cell("reg")).text("isa", isa(node))
                    .text("mmu", "sv32"));
        }
        return report;
    }
}
