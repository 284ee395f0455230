package ferrite.board.web;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.List;
import java.util.Map;

/** The page with bytes of memory, at a virtual address as a hart translates it, or at a physical one. Only looks. */
final class MemoryPage implements Page.Inspector {

    static final int MAX_BYTES = 1 << 14;
    private static final String DEFAULT_BYTES = "64";

    private final Machine machine;

    MemoryPage(Machine machine) {
        this.machine = machine;
    }

    List<Parameter> parameters(Parameter hart) {
        return List.of(Parameter.address("va", false, "the virtual address; this or pa"),
                Parameter.address("pa", false, "the physical address; this or va"),
                Parameter.number("length", "the number of bytes; " + DEFAULT_BYTES + " without it", MAX_BYTES), hart);
    }

    @Override
    public Report look(Map<String, String> values) throws MonitorException {
        boolean isVirtual = values.containsKey("va");
        if (isVirtual == values.containsKey("pa")) {
            throw new MonitorException("one address is expected: va=ADDRESS, or pa=ADDRESS");
        }
        long address = Parameter.address("", true, "").parse(values.get(isVirtual ? "va" : "pa"));
        int length = Integer.parseInt(values.getOrDefault("length", DEFAULT_BYTES));
        int hart = Integer.parseInt(values.getOrDefault("hart", "0"));
        if (address + length > 1L << 32) {
            throw new MonitorException("the bytes end past the 32-bit address space; ask for fewer");
        }
        byte[] bytes = new byte[length];
        try {
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) (isVirtual ? machine.peek(hart).load8(address + i)
                        : machine.bus().peek(address + i, 1));
            }
        } catch (BusFault nothing) {
            throw new MonitorException(nothing.getMessage());
        }
        Report report = Report.of("memory").address(isVirtual ? "va" : "pa", address);
        if (isVirtual) {
            report.address("pa", machine.peek(hart).translate(address)).number("hart", hart);
        }
        return report.number("length", length).text("bytes", Hex.bytes(bytes));
    }
}
