package ferrite.hardware.instruction;

/**
 * The names of the control and status registers, as the privileged specification allocates them (section 2.2) and
 * objdump prints them. Registers of extensions that this machine lacks are included, because guests probe for them.
 *
 * <p>The number of a register encodes its access rights (section 2.1):
 *
 * <pre>
 *   11    10 9      8 7              0
 *  +--------+--------+----------------+
 *  |  rw    | lowest |                |
 *  |11 = ro | level  |                |
 *  +--------+--------+----------------+
 * </pre>
 */
public final class CsrNames {

    private static final String[] NAMES = new Table()
            .unprivileged()
            .supervisor()
            .hypervisor()
            .machine()
            .machineExtensions()
            .counters()
            .debug()
            .names;

    private CsrNames() {
    }

    /** Returns the name of CSR 0 to 0xfff. A CSR without a name gives its number in hexadecimal, {@code 0x7c0}. */
    public static String name(int csr) {
        String name = NAMES[csr];
        return name != null ? name : "0x" + Integer.toHexString(csr);
    }

    /** Table builder, in the order in which the specification lists the registers. */
    private static final class Table {

        private final String[] names = new String[0x1000];

        Table unprivileged() {
            run(0x001, "fflags", "frm", "fcsr");
            run(0x008, "vstart", "vxsat", "vxrm");
            run(0x00f, "vcsr");
            run(0x015, "seed");
            run(0xc20, "vl", "vtype", "vlenb");
            return this;
        }

        Table supervisor() {
            run(0x100, "sstatus");
            run(0x104, "sie", "stvec", "scounteren");
            run(0x10a, "senvcfg");
            numbered(0x10c, "sstateen", 0, 3, "");
            run(0x114, "sieh");
            run(0x140, "sscratch", "sepc", "scause", "stval", "sip");
            run(0x14d, "stimecmp");
            run(0x150, "siselect", "sireg");
            run(0x154, "siph");
            run(0x15c, "stopei", "stimecmph");
            run(0x180, "satp");
            run(0x5a8, "scontext");
            run(0xda0, "scountovf");
            run(0xdb0, "stopi");
            return this;
        }

        Table hypervisor() {
            run(0x200, "vsstatus");
            run(0x204, "vsie", "vstvec");
            run(0x214, "vsieh");
            run(0x240, "vsscratch", "vsepc", "vscause", "vstval", "vsip");
            run(0x24d, "vstimecmp");
            run(0x250, "vsiselect", "vsireg");
            run(0x254, "vsiph");
            run(0x25c, "vstopei", "vstimecmph");
            run(0x280, "vsatp");
            run(0x600, "hstatus");
            run(0x602, "hedeleg", "hideleg", "hie", "htimedelta", "hcounteren", "hgeie", "hvien", "hvictl", "henvcfg");
            numbered(0x60c, "hstateen", 0, 3, "");
            run(0x613, "hidelegh");
            run(0x615, "htimedeltah");
            run(0x618, "hvienh");
            run(0x61a, "henvcfgh");
            numbered(0x61c, "hstateen", 0, 3, "h");
            run(0x643, "htval", "hip", "hvip", "hviprio1", "hviprio2");
            run(0x64a, "htinst");
            run(0x655, "hviph", "hviprio1h", "hviprio2h");
            run(0x680, "hgatp");
            run(0x6a8, "hcontext");
            run(0xe12, "hgeip");
            run(0xeb0, "vstopi");
            return this;
        }

        Table machine() {
            run(0x300, "mstatus", "misa", "medeleg", "mideleg", "mie", "mtvec", "mcounteren");
            run(0x310, "mstatush");
            run(0x340, "mscratch", "mepc", "mcause", "mtval", "mip");
            run(0x34a, "mtinst", "mtval2");
            run(0x30a, "menvcfg");
            run(0x31a, "menvcfgh");
            run(0x747, "mseccfg");
            run(0x757, "mseccfgh");
            numbered(0x3a0, "pmpcfg", 0, 15, "");
            numbered(0x3b0, "pmpaddr", 0, 63, "");
            run(0xf11, "mvendorid", "marchid", "mimpid", "mhartid", "mconfigptr");
            return this;
        }

        /** Adds the registers of Smstateen and of the interrupt architecture Smaia. */
        Table machineExtensions() {
            numbered(0x30c, "mstateen", 0, 3, "");
            numbered(0x31c, "mstateen", 0, 3, "h");
            run(0x308, "mvien", "mvip");
            run(0x313, "midelegh", "mieh");
            run(0x318, "mvienh", "mviph");
            run(0x350, "miselect", "mireg");
            run(0x354, "miph");
            run(0x35c, "mtopei");
            run(0xfb0, "mtopi");
            return this;
        }

        Table counters() {
            run(0xb00, "mcycle");
            run(0xb02, "minstret");
            numbered(0xb03, "mhpmcounter", 3, 31, "");
            run(0xb80, "mcycleh");
            run(0xb82, "minstreth");
            numbered(0xb83, "mhpmcounter", 3, 31, "h");
            run(0xc00, "cycle", "time", "instret");
            numbered(0xc03, "hpmcounter", 3, 31, "");
            run(0xc80, "cycleh", "timeh", "instreth");
            numbered(0xc83, "hpmcounter", 3, 31, "h");
            run(0x320, "mcountinhibit");
            numbered(0x323, "mhpmevent", 3, 31, "");
            numbered(0x723, "mhpmevent", 3, 31, "h");
            return this;
        }

        Table debug() {
            run(0x7a0, "tselect", "tdata1", "tdata2", "tdata3", "tinfo", "tcontrol");
            run(0x7a8, "mcontext");
            run(0x7aa, "mscontext");
            run(0x7b0, "dcsr", "dpc", "dscratch0", "dscratch1");
            return this;
        }

        /** Adds names for consecutive numbers. */
        private void run(int first, String... consecutive) {
            System.arraycopy(consecutive, 0, names, first, consecutive.length);
        }

        /** Adds names that differ in a decimal number, for consecutive numbers: {@code pmpcfg0} to {@code pmpcfg15}. */
        private void numbered(int first, String prefix, int from, int to, String suffix) {
            for (int number = from; number <= to; number++) {
                names[first + number - from] = prefix + number + suffix;
            }
        }
    }
}
