package ferrite.peripherals.nic;

import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.List;

/** The monitor's {@code nic} command: the card's registers, and the owner of each descriptor. */
public final class NicCommand implements MonitorCommand {

    private static final String[] CONTROLS = {"RX_ENABLE", "TX_ENABLE", "PROMISCUOUS", "ALL_MULTICAST"};
    private static final String[] CAUSES = {"RECEIVED", "SENT", "NO_BUFFER", "LINK_CHANGED", "FAILED"};
    private static final String[] STATES = {"LINK_UP", "TX_BUSY"};
    private static final String[] ERRORS = {"none", "BAD_RING", "RING_IN_USE", "BAD_LENGTH", "BUS_FAULT"};

    private final Nic nic;

    public NicCommand(Nic nic) {
        this.nic = nic;
    }

    @Override
    public String name() {
        return "nic";
    }

    @Override
    public String usage() {
        return "nic";
    }

    @Override
    public String summary() {
        return "the network card: registers, rings, and the owners of the descriptors";
    }

    @Override
    public Report run(String arguments) {
        if (register(NicRegisters.ID) != NicRegisters.MAGIC) {
            return Report.of("nic").text("state", "pulled out");
        }
        Report report = Report.of("nic").texts("control", names(register(NicRegisters.CONTROL), CONTROLS))
                .texts("status", names(register(NicRegisters.STATUS), STATES))
                .texts("cause", names(register(NicRegisters.CAUSE), CAUSES))
                .texts("mask", names(register(NicRegisters.MASK), CAUSES))
                .text("error", ERRORS[register(NicRegisters.ERROR)])
                .address("error address", register(NicRegisters.ERROR_ADDRESS) & 0xffff_ffffL)
                .number("frames received", nic.receiver().frames()).number("frames sent", nic.transmitter().frames())
                .number("frames lost", nic.receiver().lost())
                .number("frames filtered", register(NicRegisters.FILTERED))
                .number("frames waiting", nic.receiver().waiting());
        return report.child(ring("transmit ring", nic.transmitter().ring()))
                .child(ring("receive ring", nic.receiver().ring()));
    }

    private int register(int offset) {
        return nic.peek(offset, 4);
    }

    private static List<String> names(int bits, String[] names) {
        List<String> set = new ArrayList<>();
        for (int bit = 0; bit < names.length; bit++) {
            if ((bits >>> bit & 1) != 0) {
                set.add(names[bit]);
            }
        }
        return set.isEmpty() ? List.of("none") : set;
    }

    private Report ring(String name, NicRing ring) {
        Report report = Report.of(name);
        if (!nic.memory().isRing(ring)) {
            return report.text("state", "not set up");
        }
        StringBuilder owners = new StringBuilder();
        for (int i = 0; i < ring.size(); i++) {
            boolean isCards = (nic.memory().peek(ring.descriptor(i), NicRegisters.STATE) & NicRegisters.OWN) != 0;
            owners.append(isCards ? 'c' : '.');
        }
        return report.address("base", ring.base()).number("size", ring.size()).number("head", ring.head())
                .text("owners", owners.toString());
    }
}
