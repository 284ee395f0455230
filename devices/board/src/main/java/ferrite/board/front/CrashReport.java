package ferrite.board.front;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.elf.Symbol;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.instruction.Disassembler;
import ferrite.hardware.instruction.Registers;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.PeekMemory;
import java.util.List;
import java.util.Map;

/** The report on a hart that crashed: it took a trap, and the trap's handler cannot be fetched. */
public final class CrashReport {

    private static final int REGISTERS_A_LINE = 4;
    private static final int BYTES_BEFORE = 16;
    private static final int INSTRUCTIONS_AFTER = 5;

    private final Machine machine;
    private final NamedPlaces places;

    /** @param symbols the program's {@link ferrite.board.image.ProgramFacts#reportable}, in order of preference */
    public CrashReport(Machine machine, List<Symbol> symbols) {
        this.machine = machine;
        this.places = new NamedPlaces(symbols);
    }

    public String of(Hart hart) {
        Hart.Crash crash = hart.crash();
        long pc = crash.pc() & 0xffff_ffffL;
        long handler = crash.handler() & 0xffff_ffffL;
        StringBuilder out = new StringBuilder();
        out.append("hart ").append(hart.id()).append(" crashed: ").append(Trap.name(crash.cause()))
                .append(" at pc ").append(at(pc)).append(", tval ")
                .append(Hex.address(crash.tval() & 0xffff_ffffL)).append(",\n  and its handler at ")
                .append(at(handler)).append(" cannot be fetched in ")
                .append(PrivilegeMode.name(hart.mode())).append("-mode\n\n");
        registers(out, hart, pc);
        code(out, hart, pc);
        return out.toString();
    }

    /** Returns an address with the symbol before it, and the distance from that. */
    public String at(long address) {
        Map.Entry<Long, String> symbol = places.before(address);
        if (symbol == null) {
            return Hex.address(address);
        }
        long offset = address - symbol.getKey();
        return Hex.address(address) + " <" + symbol.getValue()
                + (offset == 0 ? "" : "+0x" + Long.toHexString(offset)) + ">";
    }

    private static void registers(StringBuilder out, Hart hart, long pc) {
        cell(out, 0, "pc", (int) pc);
        for (int number = 1; number < 32; number++) {
            cell(out, number, Registers.name(number), hart.register(number));
        }
        String[] names = {"mstatus", "mtvec", "mepc", "mcause", "medeleg", "mideleg", "mie", "mip", "sepc",
                "scause", "stvec", "satp"};
        int[] numbers = {Csrs.MSTATUS, Csrs.MTVEC, Csrs.MEPC, Csrs.MCAUSE, Csrs.MEDELEG, Csrs.MIDELEG, Csrs.MIE,
                Csrs.MIP, Csrs.SEPC, Csrs.SCAUSE, Csrs.STVEC, Csrs.SATP};
        out.append('\n');
        for (int i = 0; i < names.length; i++) {
            cell(out, i, names[i], hart.csrs().read(numbers[i], PrivilegeMode.M));
        }
    }

    private static void cell(StringBuilder out, int index, String name, int value) {
        out.append("  ").append(name).append(" ".repeat(8 - name.length())).append(Hex.address(value & 0xffff_ffffL))
                .append(index % REGISTERS_A_LINE == REGISTERS_A_LINE - 1 ? "\n" : "");
    }

    // ---- code ----

    private void code(StringBuilder out, Hart hart, long pc) {
        PeekMemory memory = machine.peek(hart.id());
        out.append('\n');
        long at = start(memory, pc);
        try {
            for (int after = 0; after < INSTRUCTIONS_AFTER; ) {
                int word = instruction(memory, at);
                out.append(at == pc ? "> " : "  ").append(at(at)).append("  ")
                        .append(Disassembler.text(word, at)).append('\n');
                after += at >= pc ? 1 : 0;
                at += Disassembler.length(word);
            }
        } catch (BusFault nothing) {
            out.append(at == pc ? "> " : "  ").append(Hex.address(at)).append("  nothing that can be fetched\n");
        }
    }

    /**
     * Returns the lowest address a little before {@code pc} from which decoding reaches it. Instructions do not mark
     * their starts.
     */
    private static long start(PeekMemory memory, long pc) {
        for (long from = Math.max(0, pc - BYTES_BEFORE); from < pc; from += 2) {
            try {
                long at = from;
                while (at < pc) {
                    int word = instruction(memory, at);
                    at = Disassembler.text(word, at).startsWith(".") ? pc + 1 : at + Disassembler.length(word);
                }
                if (at == pc) {
                    return from;
                }
            } catch (BusFault nothing) {
                // a higher address may do
            }
        }
        return pc;
    }

    private static int instruction(PeekMemory memory, long at) {
        int low = memory.load16(at);
        return Disassembler.length(low) == 4 ? low | memory.load16(at + 2) << 16 : low;
    }
}
