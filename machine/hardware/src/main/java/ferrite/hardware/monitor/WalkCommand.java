package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.Pte;
import ferrite.hardware.hart.TlbEntry;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The monitor's {@code walk}: the walk of the page tables for one address, with the bits of each entry, in the numbered
 * steps of the privileged specification (section 4.3.2).
 */
final class WalkCommand implements MonitorCommand {

    private static final Pattern ARGUMENTS = Pattern.compile("(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})(?: (.*))?");

    private final Machine machine;

    WalkCommand(Machine machine) {
        this.machine = machine;
    }

    @Override
    public String name() {
        return "walk";
    }

    @Override
    public String usage() {
        return "walk VA [HART]";
    }

    @Override
    public String summary() {
        return "walk of the page tables for an address, with the bits of each entry";
    }

    @Override
    public List<String> examples() {
        return List.of("walk 0xc0001000", "walk 0xf8000000 1");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        Matcher typed = ARGUMENTS.matcher(arguments);
        long va = !typed.matches() ? -1 : typed.group(1).startsWith("0x")
                ? Long.parseLong(typed.group(1).substring(2), 16) : Long.parseLong(typed.group(1));
        if (va < 0 || va >>> 32 != 0) {
            throw new MonitorException("'" + arguments
                    + "': a 32-bit address is expected, for example walk 0xc0001000");
        }
        Hart hart = HartArgument.one(machine, typed.group(2) == null ? "" : typed.group(2));
        return new Walk(hart, va).report();
    }

    /** One walk: the lines of text and the report grow together. */
    private final class Walk {

        private final Hart hart;
        private final long va;
        private final StringBuilder text = new StringBuilder();
        private final Report facts = Report.of("facts");
        private final Report levels = Report.of("levels");

        Walk(Hart hart, long va) {
            this.hart = hart;
            this.va = va;
        }

        Report report() {
            int satp = hart.csrs().satp();
            facts.number("hart", hart.id()).address("va", va).address("satp", satp & 0xffff_ffffL);
            line("va    " + Hex.address(va) + " = VPN[1] " + hex(vpn(1), 3) + ", VPN[0] " + hex(vpn(0), 3)
                    + ", offset " + hex(va & 0xfff, 3));
            if (satp >= 0) {
                line("satp  " + Hex.address(satp) + ": mode Bare, no translation");
                end("ok", "the physical address is " + Hex.address(va), va);
            } else {
                line("satp  " + Hex.address(satp & 0xffff_ffffL) + ": mode Sv32, asid " + (satp >>> 22 & 0x1ff)
                        + ", root table at " + Hex.address((satp & 0x3f_ffffL) << 12) + "  (step 1)");
                walk((satp & 0x3f_ffffL) << 12);
            }
            cached(satp);
            Report report = Report.ofText("walk", text.toString()).fieldsOf(facts);
            levels.children().forEach(report::child);
            return report;
        }

        private void walk(long root) {
            long table = root;
            for (int level = 1; level >= 0; level--) {
                long at = table + 4 * vpn(level);
                int pte;
                try {
                    pte = machine.bus().peek(at, 4);
                } catch (BusFault nothing) {
                    end("access fault", "step 2: there is no memory at the table entry's address "
                            + Hex.address(at), -1);
                    return;
                }
                draw(level, at, pte);
                String fault = fault(level, pte);
                if (fault != null) {
                    end("page fault", fault, -1);
                    return;
                }
                if (Pte.isLeaf(pte)) {
                    long offset = va & (1L << 12 + 10 * level) - 1;
                    end("ok", "leaf of " + (level > 0 ? "4 MiB" : "4 KiB") + ", the physical address is "
                            + Hex.address(Pte.pa(pte) | offset), Pte.pa(pte) | offset);
                    permissions(pte);
                    return;
                }
                table = Pte.pa(pte);
                line("         points to the table at " + Hex.address(table) + "  (step 4)");
            }
        }

        /** Returns the step that faults at an entry, with the reason; null if the walk goes on, or ends well. */
        private String fault(int level, int pte) {
            if ((pte & Pte.V) == 0) {
                return "step 3: V is 0, the entry is not valid";
            }
            if ((pte & (Pte.R | Pte.W)) == Pte.W) {
                return "step 3: W is 1 and R is 0, which is reserved";
            }
            if (Pte.isLeaf(pte)) {
                return level > 0 && (Pte.pa(pte) & 0x3f_f000) != 0
                        ? "step 6: a leaf of 4 MiB has a PPN[0] other than 0, a misaligned superpage" : null;
            }
            if ((pte & (Pte.D | Pte.A | Pte.U)) != 0) {
                return "step 3: D, A or U is 1 in a pointer to a table, which is reserved";
            }
            return level == 0 ? "step 4: R, W and X are 0 at the last level, where a leaf is expected" : null;
        }

        private void draw(int level, long at, int pte) {
            StringBuilder bits = new StringBuilder();
            for (int bit = 7; bit >= 0; bit--) {
                bits.append(pte >> bit & 1).append(' ');
            }
            line("level " + level + "  entry at " + Hex.address(at) + " = " + Hex.address(pte & 0xffff_ffffL)
                    + "  (step 2)");
            line("         PPN[1]  PPN[0]  RSW  D A G U X W R V");
            line("          " + hex(pte >>> 20, 3) + "   " + hex(pte >>> 10 & 0x3ff, 3) + "   "
                    + (pte >> 9 & 1) + (pte >> 8 & 1) + "   " + bits.toString().strip());
            levels.child(Report.of("level " + level).address("entry_pa", at).address("entry", pte & 0xffff_ffffL)
                    .text("flags", Pte.flags(pte)));
        }

        /** Tells the accesses that step 5 forbids, apart from the hart's mode, SUM and MXR. */
        private void permissions(int pte) {
            String mode = (pte & Pte.U) != 0 ? "U-mode, and S-mode with SUM" : "S-mode";
            String allowed = ((pte & Pte.R) != 0 ? " load" : "") + ((pte & Pte.W) != 0 ? " store" : "")
                    + ((pte & Pte.X) != 0 ? " fetch" : "");
            line("         may:" + allowed + ", in " + mode + "; any other access is a page fault  (step 5)");
            facts.text("allowed", allowed.strip()).text("for", mode);
        }

        private void cached(int satp) {
            for (TlbEntry entry : hart.tlbEntries()) {
                if (satp < 0 && entry.va() == (va & 0xffff_f000L)) {
                    line("tlb    hart " + hart.id() + " holds " + Hex.address(entry.va()) + " -> "
                            + Hex.address(Pte.pa(entry.pte())) + ", asid " + entry.asid() + ", "
                            + Pte.flags(entry.pte()));
                    facts.address("tlb_pa", Pte.pa(entry.pte()) | va & 0xfff);
                }
            }
        }

        private void end(String result, String reason, long pa) {
            line("result " + result + ": " + reason);
            facts.text("result", result).text("reason", reason);
            if (pa >= 0) {
                facts.address("pa", pa);
            }
        }

        private long vpn(int level) {
            return va >>> 12 + 10 * level & 0x3ff;
        }

        private void line(String line) {
            text.append(line).append('\n');
        }

        private static String hex(long value, int digits) {
            return "0x" + Hex.digits(value, digits);
        }
    }
}
