package ferrite.debugport.gdb;

import ferrite.hardware.hart.Hart;
import ferrite.hardware.instruction.CsrNames;
import ferrite.hardware.instruction.Registers;
import java.util.Map;

/**
 * The target description (GDB manual, appendix G): the registers that exist, with names, types and groups.
 *
 * <p>The OS ABI is {@code none}. Without it, GDB assumes GNU/Linux and steps RISC-V with breakpoints, which loses
 * control at {@code ecall} and at every trap.
 */
final class TargetDescription {

    private static final String[] GENERIC = {"ra", "sp", "fp"};
    private static final int[] GENERIC_OF = {1, 2, 8};

    /** The types with bit fields: name, then for each field its name, first and last bit. */
    private static final Object[][] FLAGS = {
        {"mstatus", "SIE", 1, 1, "MIE", 3, 3, "SPIE", 5, 5, "UBE", 6, 6, "MPIE", 7, 7, "SPP", 8, 8, "VS", 9, 10,
            "MPP", 11, 12, "FS", 13, 14, "XS", 15, 16, "MPRV", 17, 17, "SUM", 18, 18, "MXR", 19, 19, "TVM", 20, 20,
            "TW", 21, 21, "TSR", 22, 22, "SD", 31, 31},
        {"sstatus", "SIE", 1, 1, "SPIE", 5, 5, "UBE", 6, 6, "SPP", 8, 8, "VS", 9, 10, "FS", 13, 14, "XS", 15, 16,
            "SUM", 18, 18, "MXR", 19, 19, "SD", 31, 31},
        {"satp", "PPN", 0, 21, "ASID", 22, 30, "MODE", 31, 31},
        {"mip", "SSIP", 1, 1, "MSIP", 3, 3, "STIP", 5, 5, "MTIP", 7, 7, "SEIP", 9, 9, "MEIP", 11, 11},
        {"mie", "SSIE", 1, 1, "MSIE", 3, 3, "STIE", 5, 5, "MTIE", 7, 7, "SEIE", 9, 9, "MEIE", 11, 11},
        {"sip", "SSIP", 1, 1, "STIP", 5, 5, "SEIP", 9, 9},
        {"sie", "SSIE", 1, 1, "STIE", 5, 5, "SEIE", 9, 9},
        {"mcause", "CODE", 0, 30, "INTERRUPT", 31, 31},
        {"scause", "CODE", 0, 30, "INTERRUPT", 31, 31},
    };

    private TargetDescription() { }

    /** @param exposed the names, by number, of CSRs that are listed although the hart lacks them */
    static String of(Hart hart, Map<Integer, String> exposed) {
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\"?>\n"
                + "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
                + "  <architecture>riscv:rv32</architecture>\n  <osabi>none</osabi>\n");
        general(xml);
        csrs(xml, hart, exposed);
        xml.append("  <feature name=\"org.gnu.gdb.riscv.virtual\">\n    <enum id=\"privilege\" size=\"4\">\n"
                + "      <evalue name=\"User\" value=\"0\"/>\n      <evalue name=\"Supervisor\" value=\"1\"/>\n"
                + "      <evalue name=\"Machine\" value=\"3\"/>\n    </enum>\n");
        register(xml, "priv", GdbRegisters.PRIV, "privilege", "general", "");
        return xml.append("  </feature>\n</target>\n").toString();
    }

    private static void general(StringBuilder xml) {
        xml.append("  <feature name=\"org.gnu.gdb.riscv.cpu\">\n");
        for (int number = 0; number < GdbRegisters.PC; number++) {
            String name = number == 8 ? "fp" : Registers.name(number);
            register(xml, name, number, type(number), "general", " altname=\"x" + number + "\" dwarf_regnum=\"" + number
                    + "\" ehframe_regnum=\"" + number + "\"" + generic(number));
        }
        register(xml, "pc", GdbRegisters.PC, "code_ptr", "general", " generic=\"pc\"");
        xml.append("  </feature>\n");
    }

    private static String type(int number) {
        return switch (number) {
            case 1 -> "code_ptr";
            case 2, 3, 4, 8 -> "data_ptr";
            default -> "int";
        };
    }

    private static String generic(int number) {
        for (int i = 0; i < GENERIC.length; i++) {
            if (GENERIC_OF[i] == number) {
                return " generic=\"" + GENERIC[i] + "\"";
            }
        }
        return number >= 10 && number < 18 ? " generic=\"arg" + (number - 9) + "\"" : "";
    }

    private static void csrs(StringBuilder xml, Hart hart, Map<Integer, String> exposed) {
        xml.append("  <feature name=\"org.gnu.gdb.riscv.csr\">\n");
        for (Object[] flags : FLAGS) {
            flags(xml, flags);
        }
        for (int csr = 0; csr < GdbRegisters.CSRS; csr++) {
            String name = GdbRegisters.csrExists(hart, csr) ? CsrNames.name(csr) : exposed.get(csr);
            if (name != null) {
                register(xml, name, GdbRegisters.FIRST_CSR + csr, typeOf(name), "csr", " save-restore=\"no\"");
            }
        }
        xml.append("  </feature>\n");
    }

    private static void flags(StringBuilder xml, Object[] row) {
        xml.append("    <flags id=\"").append(row[0]).append("_type\" size=\"4\">\n");
        for (int i = 1; i < row.length; i += 3) {
            xml.append("      <field name=\"").append(row[i]).append("\" start=\"").append(row[i + 1])
                    .append("\" end=\"").append(row[i + 2]).append("\"/>\n");
        }
        xml.append("    </flags>\n");
    }

    private static String typeOf(String csr) {
        for (Object[] flags : FLAGS) {
            if (flags[0].equals(csr)) {
                return csr + "_type";
            }
        }
        return "uint32";
    }

    private static void register(StringBuilder xml, String name, int number, String type, String group, String more) {
        xml.append("    <reg name=\"").append(name).append("\" bitsize=\"32\" regnum=\"").append(number)
                .append("\" type=\"").append(type).append("\" group=\"").append(group).append('"').append(more)
                .append("/>\n");
    }
}
