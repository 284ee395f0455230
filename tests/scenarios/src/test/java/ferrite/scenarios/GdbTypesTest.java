package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.base.Field;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.Struct;
import ferrite.kernel.driver.Exports;
import ferrite.kernel.symbols.KernelStructs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel's types, variables and calls, as GDB and binutils read them, against the declarations. */
class GdbTypesTest {

    private static final BoardOptions OPTIONS = new BoardOptions().harts(2).ram(64 << 20);

    /** Prints a line for each struct of a list, and for each of its members. */
    private static final String PRINT_TYPES = """
            def element(type):
                return type.target() if type.code == gdb.TYPE_CODE_ARRAY else type
            def length(type):
                return type.sizeof // type.target().sizeof if type.code == gdb.TYPE_CODE_ARRAY else 1
            def members(type, start):
                for field in type.fields():
                    at = start + field.bitpos // 8
                    if field.name is None or field.name == '':
                        yield from members(field.type, at)
                    else:
                        yield field.name, at, element(field.type).sizeof, length(field.type), element(field.type)
            for line in open('structs.txt'):
                type = gdb.lookup_type('struct ' + line.strip())
                print('struct %s %d' % (type.name, type.sizeof))
                for member in members(type, 0):
                    print('  %s at %d, %d bytes, %d of %s' % member)
            """;

    private static final String PRINT_CALLS = """
            for line in open('calls.txt'):
                name = line.strip()
                symbol = gdb.lookup_global_symbol(name)
                address = int(symbol.value().address)
                block = gdb.block_for_pc(address)
                names = ', '.join(['%s %s' % (s.type, s.name) for s in block if s.is_argument])
                print('%x-%x %s %s(%s)' % (block.start, block.end, symbol.type.target(), name, names or 'void'))
            """;

    @TempDir
    private static Path directory;
    private static GdbMachine machine;

    @BeforeAll
    static void boot() throws IOException {
        machine = GdbMachine.start(directory, OPTIONS);
    }

    @AfterAll
    static void close() {
        machine.close();
    }

    private static List<Struct> structs() {
        return List.copyOf(KernelStructs.all(machine.kernel().drivers().core().drivers()));
    }

    private static List<String> python(String script) throws IOException, InterruptedException {
        Files.writeString(directory.resolve("script.py"), script);
        Program.Ended ended = machine.gdb("kernel.elf", "source script.py");
        assertThat(ended.err()).isEmpty();
        return ended.out().lines().toList();
    }

    @Test
    void gdbReadsEveryMemberWhereItIsDeclared() throws IOException, InterruptedException {
        List<String> declared = new ArrayList<>();
        for (Struct struct : structs()) {
            declared.add("struct " + struct.name() + " " + struct.size());
            struct.fields().stream().sorted(Comparator.comparingInt(Field::offset)).forEach(field ->
                    declared.add("  " + field.name() + " at " + field.offset() + ", " + field.width() + " bytes, "
                            + field.count() + " of " + field.type()));
        }
        Files.write(directory.resolve("structs.txt"), structs().stream().map(Struct::name).toList());
        assertThat(python(PRINT_TYPES)).isEqualTo(declared).hasSizeGreaterThan(400);
    }

    @Test
    void binutilsReadTheFileWithoutAWarning() throws IOException, InterruptedException {
        for (List<String> tool : List.of(List.of("riscv64-unknown-elf-readelf", "-aw", "kernel.elf"),
                List.of("riscv64-unknown-elf-objdump", "--dwarf", "kernel.elf"))) {
            Tools.need(tool.get(0));
            Program.Ended ended = Program.start(directory, tool).end();
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).isEmpty();
            assertThat(ended.out()).doesNotContainIgnoringCase("warning").contains("DW_TAG_structure_type");
        }
        String entries = Tools.text(directory, "riscv64-unknown-elf-readelf", "--debug-dump=info", "kernel.elf");
        assertThat(entries.lines().filter(line -> line.contains("DW_TAG_structure_type")).count())
                .as("structs in the file").isEqualTo(structs().size());
    }

    @Test
    void everyCallHasItsPrototypeAndItsRange() throws IOException, InterruptedException {
        List<String> declared = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Exports.Export export : Exports.all()) {
            declared.add(Long.toHexString(export.address()) + "-"
                    + Long.toHexString(export.address() + Exports.BYTES) + " " + withoutBlanks(export.declaration()));
            names.add(export.declaration().replaceFirst("\\(.*", "").replaceFirst(".*\\W", ""));
        }
        Files.write(directory.resolve("calls.txt"), names);
        assertThat(python(PRINT_CALLS).stream().map(GdbTypesTest::withoutBlanks)).isEqualTo(declared)
                .hasSizeGreaterThan(170);
    }

    /** GDB prints a blank after a star, C's programmers none. */
    private static String withoutBlanks(String declaration) {
        return declaration.replace("* ", "*");
    }

    @Test
    void variablesStandWhereTheRootPageSays() throws IOException, InterruptedException {
        long root = machine.kernel().base().root();
        Program.Ended ended = machine.gdb("kernel.elf", "print &root", "print &tasks", "print &mem_map[0x123]",
                "whatis mem_map", "whatis zones", "print &zones[2]", "whatis per_cpu", "whatis kmalloc_caches[0].name",
                "whatis tasks", "whatis *slab_caches.next");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out().lines()).containsExactly(
                "$1 = (struct root *) 0x" + Long.toHexString(root) + " <root>",
                "$2 = (struct list_head *) 0x" + Long.toHexString(RootLayout.TASK_LIST.at(root)) + " <tasks>",
                "$3 = (struct page *) 0x" + Long.toHexString(machine.kernel().mm().memMap().pfnToPage(0x123))
                        + " <mem_map+9312>",
                "type = struct page [16384]", "type = struct zone [3]",
                "$4 = (struct zone *) 0x" + Long.toHexString(RootLayout.ZONES.at(root, 2)) + " <zones+512>",
                "type = struct per_cpu [2]", "type = char [32]", "type = struct list_head", "type = struct list_head");
    }

    @Test
    void everyFieldOfTheRootPageIsAVariableUnlessACallHasItsName() throws IOException, InterruptedException {
        List<String> commands = RootLayout.STRUCT.fields().stream()
                .map(field -> "print (char *) &" + field.name() + " - (char *) &root == " + field.offset()).toList();
        Program.Ended ended = machine.gdb("kernel.elf", commands.toArray(String[]::new));
        TreeSet<String> elsewhere = new TreeSet<>();
        List<String> answers = ended.out().lines().map(line -> line.replaceFirst(".* = ", "")).toList();
        assertThat(answers).hasSameSizeAs(commands);
        for (int i = 0; i < answers.size(); i++) {
            if (!answers.get(i).equals("1")) {
                elsewhere.add(RootLayout.STRUCT.fields().get(i).name());
            }
        }
        assertThat(elsewhere).containsExactly("dma_channels", "kmalloc_caches", "kmap", "mem_map", "page_ext",
                "page_sets", "per_cpu", "system_unbound_wq", "system_wq", "vmalloc");
    }

    @Test
    void symbolsNameCallsCallbacksAndVariables() throws IOException, InterruptedException {
        long root = machine.kernel().base().root();
        String flush = machine.kernel().base().text().callbacks().stream()
                .filter(each -> each.name().equals("kswapd")).map(each -> "0x" + Long.toHexString(each.address()))
                .findFirst().orElseThrow();
        Program.Ended ended = machine.gdb("kernel.elf", "info symbol alloc_pages", "info symbol " + flush,
                "info symbol &zones[1].spanned_pages", "info symbol " + (root + RootLayout.LOG.offset()),
                "print (void (*)()) " + flush, "info symbol 0xff800008");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out().lines()).containsExactly("alloc_pages in section .text", "kswapd in section .gate",
                "zones + 264 in section .bss", "log in section .bss",
                "$1 = (void (*)()) " + flush + " <kswapd>", "handle_exception in section .gate");
    }

    /** GDB looks for the end of the prologue in the file; there is no connection yet. */
    @Test
    void aBreakpointIsAtTheFirstInstructionOfACall() throws IOException, InterruptedException {
        List<Exports.Export> exports = Exports.all();
        Exports.Export last = exports.get(exports.size() - 1);
        String name = last.declaration().replaceAll(".*?(\\w+)\\(.*", "$1");
        Program.Ended ended = machine.gdb("kernel.elf", "break alloc_bootmem", "break " + name);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out().lines()).containsExactly("Breakpoint 1 at 0x"
                + Long.toHexString(exports.get(0).address()), "Breakpoint 2 at 0x" + Long.toHexString(last.address()));
    }

    @Test
    void equalMachinesGiveEqualBytes() throws IOException {
        try (GdbMachine other = GdbMachine.start(directory, OPTIONS)) {
            assertThat(other.symbols()).isEqualTo(machine.symbols());
            other.run().board().reattach();
            assertThat(other.symbols()).as("after a new kernel attached").isEqualTo(machine.symbols());
        }
    }

    @Test
    void enumerationsExplainFlags() throws IOException, InterruptedException {
        Program.Ended ended = machine.gdb("kernel.elf", "print/x GFP_KERNEL", "print PG_slab",
                "print/x PAGE_OFFSET", "print (enum gfp_flags) 0x1");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out().lines()).containsExactly("$1 = 0xcc0", "$2 = PG_slab", "$3 = 0xc0000000",
                "$4 = GFP_DMA");
    }
}
