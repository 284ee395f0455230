package ferrite.hardware.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Assembler;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.dma.DmaCommand;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.turn.Interleavings;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MonitorTest {

    private static final BusMaster LOADER = new BusMaster("loader", 34);

    private final Machine machine = new Machine(new Machine.Configuration(0, 0x10_0000, 2, 0x100, Interleavings.RR, 0));
    private final Monitor monitor = new Monitor();

    @BeforeEach
    void fillSomeMemory() {
        MachineCommands.addTo(monitor, machine);
        DmaController dma = new DmaController("dma0", machine.bus(), machine.clock(), DmaPolicy.FAULT,
                machine.violations());
        machine.bus().attach("dma0", 0xf000_0000L, 0x1000, dma);
        monitor.add(new DmaCommand(dma));
        for (int i = 0; i < 16; i++) {
            machine.bus().store(LOADER, 0x1000 + 4 * i, 4, 0x8000_0000 + 0x0101_0101 * i);
        }
        byte[] text = "Hi \"you\"\n\0after".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        machine.bus().write(LOADER, 0x2001, text, 0, text.length);
        new Assembler(machine.bus(), 0x3000).put(Assembler.nop(), 0x0010_0513, 0xffff_ffff);
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private String run(String line) throws MonitorException {
        return ReportText.of(monitor.execute(line));
    }

    private void assertRefused(String line, String why) {
        assertThatThrownBy(() -> monitor.execute(line)).as(line).isInstanceOf(MonitorException.class)
                .hasMessageContaining(why);
    }

    @Test
    void memoryIsShownInWordsHalvesAndBytes() throws MonitorException {
        assertThat(run("xp/5xw 0x1000")).isEqualTo("""
                0x00001000: 0x80000000 0x81010101 0x82020202 0x83030303
                0x00001010: 0x84040404
                """);
        assertThat(run("xp/2xh 0x1006")).isEqualTo("0x00001006: 0x8101 0x0202\n");
        assertThat(run("xp/3b 0x1003")).isEqualTo("0x00001003: 0x80 0x01 0x01\n");
        assertThat(run("xp 4096")).isEqualTo("0x00001000: 0x80000000\n");
        assertThat(run("  xp/1   0x1004 ")).isEqualTo("0x00001004: 0x81010101\n");
    }

    @Test
    void numbersAreShownSignedUnsignedOctalOrAsCharacters() throws MonitorException {
        assertThat(run("xp/2dw 0x1000")).isEqualTo("0x00001000: -2147483648 -2130640639\n");
        assertThat(run("xp/uw 0x1004")).isEqualTo("0x00001004: 2164326657\n");
        assertThat(run("xp/db 0x1003")).isEqualTo("0x00001003: -128\n");
        assertThat(run("xp/uh 0x1006")).isEqualTo("0x00001006: 33025\n");
        assertThat(run("xp/ob 0x1003")).isEqualTo("0x00001003: 0200\n");
        assertThat(run("xp/3c 0x2001")).isEqualTo("0x00002001: 'H' 'i' ' '\n");
        assertThat(run("xp/c 0x2009")).isEqualTo("0x00002009: \\012\n");
    }

    @Test
    void stringsEndAtTheirNul() throws MonitorException {
        assertThat(run("xp/s 0x2001")).isEqualTo("0x00002001: \"Hi \"you\"\\012\"\n");
    }

    @Test
    void instructionsAreDisassembled() throws MonitorException {
        assertThat(run("xp/3i 0x3000").lines()).satisfiesExactly(
                line -> assertThat(line).startsWith("0x00003000:  nop"),
                line -> assertThat(line).startsWith("0x00003004:  li").contains("a0,1"),
                line -> assertThat(line).startsWith("0x00003008:  "));
    }

    @Test
    void compressedInstructionsAreTwoBytesLong() throws MonitorException {
        machine.bus().store(LOADER, 0x3800, 4, 0x0513_4501);
        machine.bus().store(LOADER, 0x3804, 4, 0x8082_0010);
        assertThat(run("xp/3i 0x3800")).isEqualTo("0x00003800:  li a0,0\n0x00003802:  li a0,1\n0x00003806:  ret\n");
        assertRefused("xp/i 0x3801", "is not a multiple of 2");
    }

    @Test
    void decimalAddressesMayBeginWithAZero() throws MonitorException {
        assertThat(run("xp 04096")).isEqualTo("0x00001000: 0x80000000\n");
        assertThat(run("xp/b 08")).isEqualTo("0x00000008: 0x00\n");
    }

    @Test
    void virtualAddressesAreTranslatedAsHart0TranslatesThem() throws MonitorException {
        assertThat(run("x/xw 0x1004")).isEqualTo("0x00001004: 0x81010101\n");
        machine.bus().store(LOADER, 0x4000 + 4 * 0x300, 4, 0xcf);
        Assembler boot = new Assembler(machine.bus(), 0x100).csrw(Csrs.PMPADDR0, -1).csrw(Csrs.PMPCFG0, 0x1f)
                .csrw(Csrs.SATP, 1L << 31 | 4).csrw(Csrs.MSTATUS, 1 << 11)
                .csrw(Csrs.MEPC, 0xc000_0200L).csrw(Csrs.MTVEC, 0x300);
        boot.put(ferrite.hardware.instruction.Instruction.MRET.match());
        new Assembler(machine.bus(), 0x200).put(Assembler.j(ferrite.hardware.instruction.Instruction.JAL, 0, 0));
        machine.bus().store(LOADER, 0x4000 + 4 * 0x300, 4, 0xcf);
        machine.turn().limitInstructions(100);
        machine.turn().run();
        assertThat(machine.harts().get(0).mode()).isEqualTo(1);
        assertThat(run("x/xw 0xc0001004")).isEqualTo("0xc0001004: 0x81010101\n");
        assertRefused("x/xw 0x1004", "hart 0 has no translation for the virtual address 0x00001004");
        assertThat(run("xp/xw 0x1004")).isEqualTo("0x00001004: 0x81010101\n");
        assertThat(run("info mem")).isEqualTo("""
                vaddr    paddr            size     attr
                -------- ---------------- -------- -------
                c0000000 0000000000000000 00400000 rwx--ad
                """);
        assertThat(run("info mem 1")).isEqualTo("No translation or protection\n");
        assertThat(run("info tlb")).startsWith("""
                hart 0: 1 entries
                  0xc0000000 -> 0x00000000  asid 0  of 4 MiB  V R W X A D
                hart 1: 0 entries
                """);
        assertThat(run("walk 0xc0000123")).isEqualTo("""
                va    0xc0000123 = VPN[1] 0x300, VPN[0] 0x000, offset 0x123
                satp  0x80000004: mode Sv32, asid 0, root table at 0x00004000  (step 1)
                level 1  entry at 0x00004c00 = 0x000000cf  (step 2)
                         PPN[1]  PPN[0]  RSW  D A G U X W R V
                          0x000   0x000   00   1 1 0 0 1 1 1 1
                result ok: leaf of 4 MiB, the physical address is 0x00000123
                         may: load store fetch, in S-mode; any other access is a page fault  (step 5)
                tlb    hart 0 holds 0xc0000000 -> 0x00000000, asid 0, V R W X A D
                """);
        assertRefused("x/xw 0xc0001004 2", "there is no hart '2'");
        assertThat(run("x/xw 0x1004 1")).isEqualTo("0x00001004: 0x81010101\n");
    }

    /** Each entry is at the root, or in the table at 0x5000 that its entry 1 points to. */
    @Test
    void aWalkNamesTheStepThatFaults() throws MonitorException {
        machine.harts().get(0).csrs().write(Csrs.SATP, 0x8000_0004, 3);
        int[][] root = {{0, 0}, {1, 0x1401}, {2, 0xc5}, {3, 0x4cf}, {4, 0xc1}, {5, 0x3fff_fc01}};
        for (int[] entry : root) {
            machine.bus().store(LOADER, 0x4000 + 4 * entry[0], 4, entry[1]);
        }
        machine.bus().store(LOADER, 0x5004, 4, 0x0c57);
        machine.bus().store(LOADER, 0x5008, 4, 0x0c01);
        assertWalk(0x123, "page fault: step 3: V is 0");
        assertWalk(0x40_1123, "ok: leaf of 4 KiB, the physical address is 0x00003123");
        assertWalk(0x40_2123, "page fault: step 4: R, W and X are 0 at the last level");
        assertWalk(0x80_0000, "page fault: step 3: W is 1 and R is 0");
        assertWalk(0xc0_0000, "page fault: step 6");
        assertWalk(0x100_0000, "page fault: step 3: D, A or U is 1");
        assertWalk(0x140_0000, "access fault: step 2");
        assertThat(monitor.execute("walk 0x401123").value("for")).isEqualTo("U-mode, and S-mode with SUM");
        assertRefused("walk", "a 32-bit address is expected");
    }

    private void assertWalk(long va, String result) throws MonitorException {
        assertThat(run("walk " + va)).as("walk of 0x%x", va).contains("\nresult " + result);
        assertThat(machine.harts().get(0).mmu().peekTranslate((int) va, 1) >= 0).isEqualTo(result.startsWith("ok"));
    }

    @Test
    void csrsAreShownByNumberAndZerosOfGroupsAreLeftOut() throws MonitorException {
        machine.harts().get(1).csrs().write(Csrs.MSCRATCH, 0x1234, 3);
        machine.harts().get(1).csrs().write(Csrs.PMPADDR0, 7, 3);
        Report hart = monitor.execute("info csrs 1").children().get(0);
        assertThat(hart.value("mscratch")).isEqualTo("0x00001234");
        assertThat(hart.value("pmpaddr0")).isEqualTo("0x00000007");
        assertThat(hart.value("pmpaddr1")).isNull();
        assertThat(hart.value("mhartid")).isEqualTo("0x00000001");
        assertThat(monitor.execute("info csrs").children()).hasSize(2);
    }

    @Test
    void theTriggersAreListedAsSoftwareSetThem() throws MonitorException {
        Hart hart = machine.harts().get(1);
        hart.debugWriteCsr(Csrs.TDATA2, 0x3000);
        hart.debugWriteCsr(Csrs.TDATA1, 0x2000_0044);
        hart.debugWriteCsr(Csrs.TSELECT, 1);
        hart.debugWriteCsr(Csrs.TDATA2, 0x407f);
        hart.debugWriteCsr(Csrs.TDATA3, 0x1e);
        hart.debugWriteCsr(Csrs.TDATA1, 0x6000_009b);
        assertThat(run("info triggers 1")).isEqualTo("""
                hart 1
                  trigger 0  mcontrol execute at 0x00003000 in M, breakpoint exception
                  trigger 1  mcontrol6 load store at 0x00004000 to 0x000040ff in S U, ASID 7, breakpoint exception
                  trigger 2  off
                  trigger 3  off
                  trigger 4  off, the debugger's
                """);
        assertThat(run("info triggers 0")).contains("trigger 0  off");
        assertThat(monitor.execute("info triggers").children()).hasSize(2);
        assertRefused("info triggers 2", "harts 0 to 1");
    }

    @Test
    void everyCommandHasAnExampleThatItsHelpShows() throws MonitorException {
        for (MonitorCommand command : monitor.commands()) {
            assertThat(command.examples()).as(command.name()).isNotEmpty()
                    .allMatch(example -> monitor.find(example) == command);
            assertThat(run("help " + command.name())).contains("for example: " + command.examples().get(0));
        }
    }

    @Test
    void whatMakesNoSenseIsRefusedWithASentence() {
        assertRefused("x", "x/NFU VA [HART] is expected");
        assertRefused("xp/8xw", "xp/NFU PA is expected");
        assertRefused("xp/8xw here", "is expected");
        assertRefused("xp/0xw 0x1000", "a count of 0");
        assertRefused("xp/99999xw 0x1000", "1 to 4096");
        assertRefused("xp/xd 0x1000", "is no format");
        assertRefused("xp/q 0x1000", "is no format");
        assertRefused("xp/bw 0x1000", "more than one size");
        assertRefused("xp/w 0x1002", "is not a multiple of 4");
        assertRefused("xp 4294967296", "is not a 32-bit address");
        assertRefused("xp 0x80000000", "32-bit access to physical 0x8000_0000: nothing is there");
        assertRefused("xp/2b 0xfffff", "physical 0x0010_0000");
        assertRefused("xp/w 0xf0000000", "one byte wide");
        assertRefused("info registers 2", "there is no hart '2': this machine has harts 0 to 1");
        assertRefused("info registers x", "there is no hart 'x'");
        assertRefused("info", "unknown command 'info'");
        assertRefused("", "unknown command ''");
        assertRefused("help nothing", "no help for 'nothing'");
    }

    @Test
    void registersAreShownForOneHartOrForAll() throws MonitorException {
        machine.harts().get(1).setRegister(10, 0x1234);
        Report one = monitor.execute("info registers 1");
        assertThat(one.name()).isEqualTo("hart 1");
        assertThat(one.value("a0")).isEqualTo("0x00001234");
        assertThat(one.value("pc")).isEqualTo("0x00000100");
        assertThat(one.value("mode")).isEqualTo("M");
        assertThat(one.value("satp")).isEqualTo("0x00000000");
        assertThat(one.value("instructions")).isEqualTo("0");
        assertThat(monitor.execute("info  registers").children()).extracting(Report::name)
                .containsExactly("hart 0", "hart 1");
    }

    @Test
    void helpListsEveryCommandAndExplainsOne() throws MonitorException {
        assertThat(run("help")).contains("help [COMMAND]", "info registers [HART]", "x/NFU VA", "xp/NFU PA", "dma");
        assertThat(run("help xp"))
                .isEqualTo("xp/NFU PA                       show N units of memory at a physical address; F\n"
                        + "                                is x d u c s i, U is b h w\n"
                        + "  for example: xp/8xw 0x1000\n  for example: xp/2i 0x80000000\n");
        assertThat(run("help info   registers")).startsWith("info registers [HART]").contains("  registers");
    }

    @Test
    void theLongestNameThatTheLineStartsWithWins() {
        assertThat(monitor.find("xp/8xw 0").name()).isEqualTo("xp");
        assertThat(monitor.find("x/8xw 0").name()).isEqualTo("x");
        assertThat(monitor.find("x")).isNotNull();
        assertThat(monitor.find("xpp")).isNull();
        assertThat(monitor.find("info register")).isNull();
    }

    @Test
    void lookingAtADeviceHasNoEffectAndLookingAtMemoryTouchesNothing() throws MonitorException {
        int[] loads = new int[1];
        machine.bus().attach("device", 0xf001_0000L, 0x10, new BusDevice() {
            @Override
            public int load(long offset, int width) {
                return ++loads[0];
            }

            @Override
            public void store(long offset, int width, int value) {
                loads[0]++;
            }

            @Override
            public int peek(long offset, int width) {
                return 0x77;
            }
        });
        Machine.Digest before = machine.digest();
        assertThat(run("xp/2w 0xf0010000")).isEqualTo("0xf0010000: 0x00000077 0x00000077\n");
        run("x/4096w 0x8000");
        run("info registers");
        assertThat(loads[0]).isZero();
        assertThat(machine.digest()).isEqualTo(before);
        assertThat(machine.clock().now()).isZero();
    }

    @Test
    void whateverIsTypedEndsInAReportOrASentence() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        String[] words = {"x", "xp", "info", "registers", "help", "dma", "/", "0x", "-1", "08", "0", "9", "4096",
                "4294967295", "4294967296", "99999999999999999999", "0xffffffff", "0xf0000000", "0x1000", "xw", "i",
                "s", "c", "b", "h", "w", "d", "o", "u", " ", " ", " ",
                "\t", "\0", "é", "%s", "\\", "'", "\"", "0x100000000", "a", ".", "٣"};
        for (int round = 0; round < 20_000; round++) {
            StringBuilder line = new StringBuilder(random.nextBoolean() ? "" : random.nextBoolean() ? "xp/" : "x/");
            for (int i = random.nextInt(8); i > 0; i--) {
                line.append(random.nextInt(20) == 0 ? "" + (char) random.nextInt(0x300)
                        : words[random.nextInt(words.length)]);
            }
            try {
                assertThat(ReportText.of(monitor.execute(line.toString()))).isNotNull();
            } catch (MonitorException refused) {
                assertThat(refused.getMessage()).as(seed.replay("'" + line + "'")).hasSizeGreaterThan(10);
            } catch (RuntimeException | Error broken) {
                throw new AssertionError(seed.replay("'" + line + "'"), broken);
            }
        }
    }

    @Test
    void pointsAreSetListedAndDeleted() throws MonitorException {
        assertRefused("break 0x3000", "start it with --debug");
        machine.control().expectDebugger();

        assertThat(run("break 0x3000")).isEqualTo("1  instruction at 0x00003000\n");
        assertThat(run("watch access 4096 16")).isEqualTo("2  access of 16 bytes at 0x00001000\n");
        assertThat(run("break on trap 2")).isEqualTo("3  trap 2\n");
        assertThat(run("delete 2")).isEqualTo("1  instruction at 0x00003000\n3  trap 2\n");
        assertThat(run("info break")).isEqualTo(run("info break"));
        assertThat(machine.control().points().watchpoints()).isEmpty();
        assertThat(run("delete")).isEqualTo("no breakpoints or watchpoints\n");
        for (String wrong : new String[] {"break", "break x", "break 0x100000000", "break on trap 99", "watch",
            "break on", "break on zone-fallback", "watch 0x10 0", "watch 0xfffffffe 4", "delete 7",
            "watch 1 2 3"}) {
            assertThatThrownBy(() -> monitor.execute(wrong)).as(wrong).isInstanceOf(MonitorException.class);
        }
    }

    @Test
    void openOcdsDescriptionOfTheHartsIsAKeyAndAValue() throws MonitorException {
        assertThat(run("riscv info")).isEqualTo("hart.xlen 32\n");
        assertRefused("riscv info 1", "is expected");
    }

    @Test
    void anErrorShowsLittleOfALongLine() {
        for (String line : new String[] {"x".repeat(70_000), "help " + "y ".repeat(30_000),
            "walk " + "z".repeat(70_000), "irq " + "'".repeat(70_000), "break on " + "q r".repeat(30_000),
            "step " + "7".repeat(70_000)}) {
            assertThatThrownBy(() -> monitor.execute(line)).isInstanceOf(MonitorException.class)
                    .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(4100));
        }
        assertRefused("x".repeat(70_000), "unknown command '" + "x".repeat(60) + "... (70000 characters)'");
    }

    @Test
    void csrsAreExposedByNumberRangeAndName() throws MonitorException {
        assertThat(run("riscv expose_csrs")).isEmpty();
        assertThat(run("riscv expose_csrs 2288 0x7c0-0x7c2,2049=mine"))
                .isEqualTo("0x7c0 csr1984\n0x7c1 csr1985\n0x7c2 csr1986\n0x801 csr_mine\n0x8f0 csr2288\n");
        assertThat(run("riscv expose_csrs 0010")).startsWith("0x00a csr10\n0x7c0 csr1984\n");
        String exposed = run("riscv expose_csrs");
        for (String wrong : new String[] {"4096", "0x1000", "-1", "5-4", "5-4096", "x", "1=", "1=a-b", "1-2=a", "0x",
            "12 4096", "99999999999"}) {
            assertRefused("riscv expose_csrs " + wrong, "is no number of a CSR, 0 to 4095");
        }
        for (String wrong : new String[] {",", "1,", ",1", "1,,2"}) {
            assertRefused("riscv expose_csrs " + wrong, "a number is missing before or after a comma");
        }
        assertRefused("riscv expose_csrs 5=mine", "CSR 2049 has the name csr_mine already");
        assertRefused("riscv expose_csrs 5=a 6=a", "'6=a': CSR 5 has the name csr_a already");
        assertRefused("riscv expose_csrs " + "1=" + "a".repeat(70_000), "'1=" + "a".repeat(58)
                + "... (70002 characters)' is no number of a CSR");
        assertThat(run("riscv expose_csrs 2049=mine, 2288")).isEqualTo(exposed);
        assertThat(run("riscv expose_csrs")).isEqualTo(exposed);
        assertThatThrownBy(() -> monitor.execute("riscv expose_csrs 1", Effect.LOOKS))
                .isInstanceOf(MonitorException.class);
        assertThat(ReportText.of(monitor.execute("riscv expose_csrs", Effect.LOOKS))).isEqualTo(exposed);
    }

    @Test
    void anAddressIsReadAgainAndAgainWhileTimePassesAndNoHartExecutes() throws MonitorException {
        List<String> events = new ArrayList<>();
        machine.clock().countAt(10_000_000);
        machine.bus().attach("buffer", 0xf001_0000L, 0x10, new BusDevice() {
            @Override
            public int load(long offset, int width) {
                events.add("load " + width + " at " + machine.clock().now());
                return -events.size();
            }

            @Override
            public void store(long offset, int width, int value) { }

            @Override
            public int peek(long offset, int width) {
                return 0;
            }
        });
        machine.clock().newEvent("test", () -> events.add("event at " + machine.clock().now())).scheduleAt(13);
        assertRefused("riscv repeat_read 3 0xf0010000", "the machine is running");
        machine.control().expectDebugger();
        machine.control().halt();
        String before = run("info csrs 0").replaceAll("(?m)^ *time .*\n", "");

        assertThat(run("riscv repeat_read 3 0xf0010004 2")).isEqualTo("ffff fffe fffc\n");
        assertThat(events).containsExactly("load 2 at 0", "load 2 at 10", "event at 13", "load 2 at 20");
        assertThat(run("riscv repeat_read 9 0x1000 4")).isEqualTo("80000000 ".repeat(7) + "80000000\n80000000\n");
        assertThat(run("riscv repeat_read 33 0x1001 1")).isEqualTo("00 ".repeat(31) + "00\n00\n");
        assertThat(run("riscv repeat_read 0 0xf0010000")).isEmpty();
        assertThat(events).hasSize(4);
        assertThat(machine.clock().now()).isEqualTo(10 * (3 + 9 + 33));
        assertThat(machine.clock().instructions()).isZero();
        assertThat(run("info csrs 0").replaceAll("(?m)^ *time .*\n", "")).isEqualTo(before);
    }

    @Test
    void aRepeatedReadNeedsACountAnAddressAndASize() throws MonitorException {
        machine.control().expectDebugger();
        machine.control().halt();
        assertRefused("riscv repeat_read", "'riscv repeat_read COUNT ADDRESS [SIZE]' is expected");
        assertRefused("riscv repeat_read 1", "is expected");
        assertRefused("riscv repeat_read 1 2 4 4", "is expected");
        assertRefused("riscv repeat_read 16385 0x1000", "'16385' is no number of reads, 0 to 16384");
        assertRefused("riscv repeat_read -1 0x1000", "'-1' is no number of reads");
        assertRefused("riscv repeat_read some 0x1000", "'some' is no number");
        assertRefused("riscv repeat_read 1 0x1000 8", "'8' is no size of a read, which is 1, 2 or 4 bytes");
        assertRefused("riscv repeat_read 1 0x1002 4", "'0x1002' is no address of 4 bytes, a multiple of 4");
        assertRefused("riscv repeat_read 1 0x100000000 1", "'0x100000000' is no address of 1 byte");
        assertRefused("riscv repeat_read 1 -4", "'-4' is no address");
        assertRefused("riscv repeat_read 1 0xe0000000", "at 0xe0000000 hart 0 has neither RAM nor a device");
        assertRefused("riscv repeat_read 0 0xe0000000", "has neither RAM nor a device");
        assertThat(machine.clock().now()).as("a refused command lets no time pass").isZero();
        assertThatThrownBy(() -> monitor.execute("riscv repeat_read 1 0x1000", Effect.LOOKS))
                .isInstanceOf(MonitorException.class);
    }

    @Test
    void theTriggersOfOpenOcdAreSetAndClearedOnce() throws MonitorException {
        assertRefused("riscv icount set m 2", "start it with --debug");
        machine.control().expectDebugger();
        for (String trigger : new String[] {"icount", "etrigger", "itrigger"}) {
            assertRefused("riscv " + trigger + " clear", "No " + trigger + " is set");
            assertRefused("riscv " + trigger + " set 0x80", "Doesn't make sense");
            assertRefused("riscv " + trigger + " set m 0", "Doesn't make sense");
            assertRefused("riscv " + trigger + " set m x", "'x' is no number");
            assertRefused("riscv " + trigger + " set m 0x100000000", "from 1 to 0xffffffff");
            assertRefused("riscv " + trigger + " set vs 1", "'vs' is no mode");
            assertThat(run("riscv " + trigger + " set m s u 0x80")).isEqualTo(trigger + " set\n");
            assertRefused("riscv " + trigger + " set m 1", "is set already");
            assertThat(run("riscv " + trigger + " clear")).isEqualTo(trigger + " clear\n");
        }
        assertRefused("riscv", "is expected");
        assertRefused("riscv set_reset_timeout_sec 1", "is expected");
    }

    @Test
    void aStepIsOneInstructionOfTheNamedHart() throws MonitorException {
        machine.control().expectDebugger();
        assertRefused("step", "the machine is running");
        machine.harts().forEach(hart -> hart.setPc(0x3000));
        run("halt");
        assertThat(run("step 1")).isEqualTo("hart 1 executes the instruction at 0x00003000\n");
        machine.turn().run();

        assertThat(machine.harts().get(1).pc()).isEqualTo(0x3004);
        assertThat(machine.harts().get(0).pc()).isEqualTo(0x3000);
        assertRefused("step 2", "harts 0 to 1");
        machine.control().countDebuggers(1);
        assertRefused("step", "a debugger is attached");
        assertRefused("continue", "a debugger is attached");
    }
}
