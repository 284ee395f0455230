package ferrite.hardware.dwarf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Tools;
import ferrite.hardware.elf.ElfWriter;
import ferrite.hardware.elf.Symbol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small program, as GDB and binutils read it. */
class CProgramTest {

    private static final long TEXT = 0xff80_0000L;
    private static final long DATA = 0xc000_0000L;

    @TempDir
    private Path directory;

    private static CProgram program() {
        return new CProgram("test program", "CProgramTest", TEXT, 0x1000);
    }

    private void write(CProgram program, Symbol... functions) throws IOException {
        ElfWriter elf = new ElfWriter(TEXT);
        int text = elf.memory(".text", TEXT, 0x1000, ElfWriter.TEXT);
        elf.memory(".bss", DATA, 0x1000, ElfWriter.DATA);
        for (Symbol function : functions) {
            elf.symbol(function, text);
        }
        program.write(elf);
        Files.write(directory.resolve("test.elf"), elf.toBytes());
    }

    private List<String> gdb(String... commands) throws IOException, InterruptedException {
        Tools.need("gdb-multiarch");
        List<String> line = new ArrayList<>(List.of("gdb-multiarch", "-nx", "-batch", "test.elf"));
        for (String command : commands) {
            line.addAll(List.of("-ex", command));
        }
        return Tools.run(directory, line.toArray(String[]::new)).lines().map(String::strip).toList();
    }

    @Test
    void structsReferToEachOtherInAnyOrder() throws IOException, InterruptedException {
        CProgram program = program();
        program.struct("a", 8, List.of(new CMember("next", "struct b *", 0, 4, 1),
                new CMember("self", "struct a **", 4, 4, 1)));
        program.struct("b", 12, List.of(new CMember("inner", "struct a", 4, 8, 1)));
        write(program);
        assertThat(gdb("ptype struct a", "ptype struct b", "print sizeof (struct b)",
                "print &((struct b *) 0)->inner.self")).containsExactly("type = struct a {", "struct b *next;",
                        "struct a **self;", "}", "type = struct b {", "struct a inner;", "}", "$1 = 12",
                        "$2 = (struct a ***) 0x8");
    }

    @Test
    void arraysAndTextAndTheFlexibleEnd() throws IOException, InterruptedException {
        CProgram program = program();
        program.struct("s", 24, List.of(new CMember("words", "unsigned int", 0, 4, 3),
                new CMember("name", "char", 12, 1, 4), new CMember("time", "unsigned long long", 16, 8, 1),
                new CMember("rest", "unsigned char", 24, 1, 0)));
        write(program);
        assertThat(gdb("ptype struct s")).containsExactly("type = struct s {", "unsigned int words[3];",
                "char name[4];", "unsigned long long time;", "unsigned char rest[];", "}");
    }

    @Test
    void membersThatShareBytesAreAUnion() throws IOException, InterruptedException {
        CProgram program = program();
        program.struct("s", 12, List.of(new CMember("first", "int", 0, 4, 1), new CMember("pair", "int", 4, 4, 2),
                new CMember("low", "int", 4, 4, 1), new CMember("high", "int", 8, 4, 1)));
        write(program);
        assertThat(gdb("ptype struct s", "print &((struct s *) 0)->high")).containsExactly("type = struct s {",
                "int first;", "union {", "int pair[2];", "int low;", "int high;", "};", "}", "$1 = (int *) 0x8");
    }

    @Test
    void enumerationsTypedefsAndPointersToFunctions() throws IOException, InterruptedException {
        CProgram program = program();
        program.typedef("flags_t", "unsigned int");
        program.enumeration("colour", new TreeMap<>(Map.of("BLUE", 0xffff_ffffL, "RED", 1L)));
        program.struct("s", 8, List.of(new CMember("flags", "flags_t", 0, 4, 1),
                new CMember("call", "void (*)()", 4, 4, 1)));
        write(program);
        assertThat(gdb("ptype struct s", "print/x BLUE", "print (enum colour) 1", "whatis (flags_t) 0"))
                .containsExactly("type = struct s {", "flags_t flags;", "void (*call)();", "}", "$1 = 0xffffffff",
                        "$2 = RED", "type = flags_t");
    }

    @Test
    void variablesAndFunctionsHaveAddresses() throws IOException, InterruptedException {
        CProgram program = program();
        program.variable("counter", "unsigned long", DATA + 8);
        program.array("table", "int", 5, DATA + 16);
        program.function(CPrototype.parse("const char *name(int index, void *data)"), TEXT + 16, 8);
        program.function(CPrototype.parse("void stop(void)"), TEXT + 24, 8);
        write(program, new Symbol("name", TEXT + 16, 8, Symbol.STT_FUNC));
        assertThat(gdb("print &counter", "print &table[4]", "whatis table", "print name", "whatis stop",
                "info symbol 0xff800014")).containsExactly("$1 = (unsigned long *) 0xc0000008",
                "$2 = (int *) 0xc0000020", "type = int [5]",
                "$3 = {const char *(int, void *)} 0xff800010 <name>", "type = void (void)",
                "name + 4 in section .text");
    }

    @Test
    void binutilsHaveNoWarning() throws IOException, InterruptedException {
        Tools.need("riscv64-unknown-elf-readelf");
        CProgram program = program();
        program.struct("s", 4, List.of(new CMember("unknown", "struct nowhere *", 0, 4, 1)));
        write(program, new Symbol("start", TEXT, 4, Symbol.STT_FUNC));
        assertThat(Tools.run(directory, "riscv64-unknown-elf-readelf", "-aw", "test.elf"))
                .doesNotContainIgnoringCase("warning").contains("DW_AT_declaration", "GLOBAL DEFAULT    1 start");
    }

    @Test
    void aTypeThatIsNoneIsRefused() {
        assertThatThrownBy(() -> program().variable("x", "unsigned", DATA))
                .hasMessageContaining("'unsigned' is no type");
        assertThatThrownBy(() -> CPrototype.parse("alloc_pages")).hasMessageContaining("no declaration");
        assertThatThrownBy(() -> CPrototype.parse("void f(int)"))
                .hasMessageContaining("'int' is not a type and a name");
    }
}
