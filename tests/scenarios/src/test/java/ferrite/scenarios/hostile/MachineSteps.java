package ferrite.scenarios.hostile;

import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.instruction.Instruction;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.Code;
import ferrite.scenarios.qemu.Rows;
import java.util.List;

/** Steps that attack the hart through its CSRs, traps, timers, page tables and code. */
final class MachineSteps {

    private static final List<Integer> IMPORTANT_CSRS = List.of(Csrs.MSTATUS, Csrs.MEDELEG, Csrs.MIDELEG, Csrs.MIE,
            Csrs.MTVEC, Csrs.MIP, Csrs.MEPC, Csrs.SATP, Csrs.STVEC, Csrs.SSTATUS, Csrs.STIMECMP, Csrs.STIMECMPH,
            Csrs.MENVCFGH, Csrs.MCOUNTINHIBIT, Csrs.MCYCLE, Csrs.MINSTRET, Csrs.PMPCFG0, Csrs.PMPADDR0);
    private static final int MPP_S = 1 << Csrs.MPP_SHIFT;

    private final Choice choice;
    private final int ram;
    private final long ramBytes;
    private final List<AddressRange> devices;
    private final HostCallSteps calls;

    MachineSteps(Choice choice, List<AddressRange> devices, int ram, long ramBytes) {
        this.choice = choice;
        this.devices = devices;
        this.calls = new HostCallSteps(choice, ram);
        this.ram = ram;
        this.ramBytes = ramBytes;
    }

    GuestStep any() {
        return switch (choice.below(22)) {
            case 0, 1 -> csr();
            case 2, 3, 4 -> anyInstructions();
            case 5 -> memory();
            case 6, 7 -> entries();
            case 8, 9 -> translate();
            case 10 -> modified();
            case 11 -> fence();
            case 12, 13 -> timer();
            case 14 -> waitForInterrupt();
            case 15 -> rewriteCode();
            case 16 -> reserve();
            case 17 -> otherHart();
            case 18 -> data();
            case 19, 20 -> calls.any(address());
            default -> choice.oneIn(8) ? lost() : spin();
        };
    }

    private int address() {
        return switch (choice.below(6)) {
            case 0 -> choice.word();
            case 1 -> (int) (choice.of(devices).base() + choice.below(64));
            case 2 -> (int) (ram + ramBytes - choice.below(8));
            default -> ram + choice.below(1 << 18);
        };
    }

    private GuestStep csr() {
        int csr = choice.oneIn(3) ? choice.below(4096) : choice.of(IMPORTANT_CSRS);
        int value = choice.operand();
        Instruction row = choice.of(List.of(Instruction.CSRRW, Instruction.CSRRS, Instruction.CSRRC));
        return new GuestStep("any value in a CSR", code -> code.li(Code.T0, value).csr(row, Code.T1, csr, Code.T0));
    }

    private GuestStep anyInstructions() {
        int[] words = choice.words(1 + choice.below(20));
        for (int n = 0; n < words.length; n++) {
            if (!choice.oneIn(4)) {
                words[n] = Rows.random(choice.of(List.of(Instruction.values())), choice);
            }
        }
        return new GuestStep("any instructions", code -> {
            for (int word : words) {
                code.word(word);
            }
        });
    }

    private GuestStep memory() {
        int address = address();
        int value = choice.operand();
        int amo = Rows.random(choice.of(Rows.AMOS), choice) & ~(0x1f << 15 | 0x1f << 20)
                | Code.T0 << 15 | Code.T1 << 20;
        return new GuestStep("memory anywhere", code -> code.li(Code.T0, address).li(Code.T1, value)
                .store(Code.T1, Code.T0, 0).load(Code.T2, Code.T0, 2)
                .s(Instruction.SH, Code.T1, Code.T0, 1).word(amo));
    }

    // ---- page tables ----

    private int pte() {
        int page = switch (choice.below(7)) {
            case 0, 1 -> GuestPrograms.ROOT;
            case 2 -> GuestPrograms.LEAVES;
            case 3 -> choice.below(1 << 19);
            case 4 -> choice.word();
            default -> 0;
        };
        int pa = choice.oneIn(8) ? (int) choice.of(devices).base() : ram + page;
        return pa >>> 12 << 10 | choice.of(0xcf, 0xdf, 0x01, 0x0f, choice.below(1024), 0xc7 & choice.word());
    }

    /**
     * Writes entries of both tables, perhaps while they are in use, and perhaps the one that maps the program itself.
     */
    private GuestStep entries() {
        int count = 1 + choice.below(5);
        int[] values = choice.words(2 * count);
        for (int n = 0; n < count; n++) {
            int index = choice.of(ram >>> 22, ram >>> 22, choice.below(1024), (int) (choice.of(devices).base() >>> 22));
            values[n] = ram + (choice.oneIn(3) ? GuestPrograms.LEAVES : GuestPrograms.ROOT) + 4 * index;
            values[count + n] = choice.oneIn(3) ? ram >>> 12 << 10 | 0xcf : pte();
        }
        boolean fenced = choice.oneIn(3);
        return new GuestStep("page tables" + (fenced ? ", and a fence" : ""), code -> {
            for (int n = 0; n < count; n++) {
                code.li(Code.T0, values[n]).li(Code.T1, values[count + n]).store(Code.T1, Code.T0, 0);
            }
            if (fenced) {
                code.plain(Instruction.SFENCE_VMA);
            }
        });
    }

    /** Continues in S- or U-mode with the present tables. There it touches memory and the tables. */
    private GuestStep translate() {
        int satp = 1 << 31 | choice.below(3) << 22 | ram + GuestPrograms.ROOT >>> 12;
        int identity = ram >>> 12 << 10 | choice.of(0xcf, 0xcf, 0xdf);
        boolean user = choice.oneIn(3);
        int address = address();
        int entry = ram + GuestPrograms.ROOT + 4 * choice.of(ram >>> 22, address >>> 22);
        int pte = pte();
        boolean fenced = choice.oneIn(2);
        return new GuestStep("a lower mode with its page tables in its hands", code -> {
            code.li(Code.T0, ram + GuestPrograms.ROOT + 4 * (ram >>> 22))
                    .li(Code.T1, identity).store(Code.T1, Code.T0, 0)
                    .li(Code.T0, satp).csrw(Csrs.SATP, Code.T0);
            code.li(Code.T0, Csrs.MPP).csr(Instruction.CSRRC, 0, Csrs.MSTATUS, Code.T0);
            if (!user) {
                code.li(Code.T0, MPP_S).csr(Instruction.CSRRS, 0, Csrs.MSTATUS, Code.T0);
            }
            code.u(Instruction.AUIPC, Code.T0, 0).i(Instruction.ADDI, Code.T0, Code.T0, 16).csrw(Csrs.MEPC, Code.T0)
                    .plain(Instruction.MRET);
            code.li(Code.T0, address).load(Code.T1, Code.T0, 0).li(Code.T1, entry).li(Code.T2, pte)
                    .store(Code.T2, Code.T1, 0);
            if (fenced) {
                code.plain(Instruction.SFENCE_VMA);
            }
            code.store(Code.T1, Code.T0, 0).i(Instruction.JALR, Code.RA, Code.T0, 0);
        });
    }

    private GuestStep modified() {
        int satp = 1 << 31 | ram + GuestPrograms.ROOT >>> 12;
        int status = Csrs.MPRV | choice.of(0, Csrs.SUM) | choice.of(0, Csrs.MXR);
        int address = address();
        return new GuestStep("MPRV", code -> code.li(Code.T0, satp).csrw(Csrs.SATP, Code.T0)
                .li(Code.T0, Csrs.MPP).csr(Instruction.CSRRC, 0, Csrs.MSTATUS, Code.T0)
                .li(Code.T0, status).csr(Instruction.CSRRS, 0, Csrs.MSTATUS, Code.T0).li(Code.T1, address)
                .load(Code.T2, Code.T1, 0).store(Code.T2, Code.T1, 0)
                .csr(Instruction.CSRRC, 0, Csrs.MSTATUS, Code.T0));
    }

    private GuestStep fence() {
        int address = address();
        int asid = choice.below(3);
        boolean all = choice.oneIn(2);
        return new GuestStep("a fence", code -> code.li(Code.T0, address).li(Code.T1, asid)
                .r(Instruction.SFENCE_VMA, 0, all ? 0 : Code.T0, all ? 0 : Code.T1).plain(Instruction.FENCE_I));
    }

    // ---- time, traps, other harts ----

    private GuestStep timer() {
        int low = choice.of(0, -1, 100, choice.below(20_000), choice.word());
        int high = choice.of(0, 0, 0, -1, 0x7fff_ffff, 0x8000_0000, choice.word());
        int enabled = choice.of(1 << 5, 1 << 7, 0xaaa, -1);
        AddressRange mtimer = devices.stream().filter(range -> range.name().equals("mtimer")).findFirst().orElseThrow();
        int offset = choice.of(0, 8, 0x7ff8);
        boolean supervisor = choice.oneIn(2);
        boolean waits = choice.oneIn(2);
        return new GuestStep("a timer", code -> {
            if (supervisor) {
                code.li(Code.T0, 1 << 31).csrw(Csrs.MENVCFGH, Code.T0).li(Code.T0, low).csrw(Csrs.STIMECMP, Code.T0)
                        .li(Code.T0, high).csrw(Csrs.STIMECMPH, Code.T0);
            } else {
                code.li(Code.T1, (int) mtimer.base() + (offset & ~0x7ff))
                        .i(Instruction.ADDI, Code.T1, Code.T1, offset & 0x7ff)
                        .li(Code.T0, low).store(Code.T0, Code.T1, 0).li(Code.T0, high).store(Code.T0, Code.T1, 4);
            }
            code.li(Code.T0, enabled).csr(Instruction.CSRRS, 0, Csrs.MIE, Code.T0);
            if (waits) {
                code.plain(Instruction.WFI);
            }
        });
    }

    private GuestStep waitForInterrupt() {
        int enabled = choice.of(0, 0xaaa, 1 << choice.below(12));
        int global = choice.of(0, Csrs.MSTATUS_MIE, Csrs.MSTATUS_MIE | Csrs.MSTATUS_SIE);
        return new GuestStep("wait for an interrupt",
                code -> code.li(Code.T0, enabled).csrw(Csrs.MIE, Code.T0).li(Code.T0, global)
                .csr(Instruction.CSRRS, 0, Csrs.MSTATUS, Code.T0).plain(Instruction.WFI));
    }

    private GuestStep rewriteCode() {
        int[] words = choice.words(6);
        int at = ram + GuestPrograms.STEPS + 4 * choice.below(32 * 40);
        boolean fenced = choice.oneIn(2);
        return new GuestStep("code that is rewritten", code -> {
            code.li(Code.T0, at);
            for (int n = 0; n < words.length; n++) {
                code.li(Code.T1, words[n]).store(Code.T1, Code.T0, 4 * n);
            }
            if (fenced) {
                code.plain(Instruction.FENCE_I);
            }
        });
    }

    private GuestStep reserve() {
        int address = address() & (choice.oneIn(8) ? -1 : ~3);
        int other = choice.oneIn(2) ? address : address();
        return new GuestStep("a reservation", code -> code.li(Code.T0, address)
                .li(Code.T1, other).r(Instruction.LR_W, Code.T2, Code.T0, 0)
                .store(Code.T2, Code.T1, 0).r(Instruction.SC_W, Code.T2, Code.T0, Code.T1)
                .r(Instruction.SC_W, Code.T2, Code.T1, Code.T1));
    }

    private GuestStep otherHart() {
        String name = choice.oneIn(2) ? "mswi" : "sswi";
        AddressRange mswi = devices.stream().filter(range -> range.name().equals(name))
                .findFirst().orElse(devices.get(0));
        int hart = choice.below(10);
        return new GuestStep("an interrupt for another hart",
                code -> code.li(Code.T0, (int) mswi.base()).li(Code.T1, 1).store(Code.T1, Code.T0, 4 * hart)
                .li(Code.T0, 0xaaa).csr(Instruction.CSRRS, 0, Csrs.MIE, Code.T0));
    }

    /** Writes words at the place of tables, queues and lists. Some point to each other or to themselves. */
    private GuestStep data() {
        int at = ram + GuestPrograms.DATA + 16 * choice.below(64);
        int[] words = choice.words(8);
        for (int n = 0; n < words.length; n++) {
            words[n] = choice.of(ram + GuestPrograms.DATA + 16 * choice.below(64), choice.below(8),
                    choice.below(8) << 16 | choice.below(8), choice.operand());
        }
        return new GuestStep("lists that lead in circles", code -> {
            code.li(Code.T0, at);
            for (int n = 0; n < words.length; n++) {
                code.li(Code.T1, words[n]).store(Code.T1, Code.T0, 4 * n);
            }
        });
    }

    /** Takes a trap with a handler that traps, or that cannot be fetched. */
    private GuestStep lost() {
        int handler = address();
        return new GuestStep("a trap handler anywhere",
                code -> code.li(Code.T0, handler).csrw(Csrs.MTVEC, Code.T0).plain(Instruction.EBREAK));
    }

    private GuestStep spin() {
        int times = choice.oneIn(20) ? 0 : 1 + choice.below(3000);
        return new GuestStep("spin", code -> code.li(Code.T0, times)
                .label("spin").i(Instruction.ADDI, Code.T0, Code.T0, -1)
                .branch(Instruction.BNE, Code.T0, 0, "spin"));
    }
}
