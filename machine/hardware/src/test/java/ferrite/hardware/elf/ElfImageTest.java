package ferrite.hardware.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ferrite.hardware.Tools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfImageTest {
    private static final String TOOLCHAIN = "riscv64-unknown-elf-";

    @Test
    void theSegmentsOfAnImageAreWhatItsProgramHeadersSay() {
        ElfImage image = parse(new SmallElf());

        assertThat(image.segments()).hasSize(2);
        Segment code = image.segments().get(0);
        Segment data = image.segments().get(1);
        assertThat(code.va()).isEqualTo(0xc000_0000L);
        assertThat(code.pa()).isEqualTo(0x8000_0000L);
        assertThat(code.endPa()).isEqualTo(0x8000_0008L);
        assertThat(code.flags()).isEqualTo(Segment.PF_R | Segment.PF_X);
        assertThat(data.memSize()).isEqualTo(0x3000_0000L);
        assertThat(Arrays.copyOfRange(data.file(), data.offset(), data.offset() + data.fileSize()))
                .containsExactly(0x78, 0x56, 0x34, 0x12);
    }

    @Test
    void theEntryIsKnownByBothItsAddresses() {
        assertThat(parse(new SmallElf()).entry()).isEqualTo(0xc000_0004L);
        assertThat(parse(new SmallElf()).entryPa()).isEqualTo(0x8000_0004L);
        assertThat(parse(new SmallElf().with32(24, 0x8000_0000)).entryPa()).isEqualTo(0x8000_0000L);
    }

    @Test
    void aSegmentWithoutFlagsMayHoldTheEntryAndAnExecutableOneComesFirst() {
        assertThat(parse(new SmallElf().with32(SmallElf.SEGMENT_0 + 24, 0)).entryPa()).isEqualTo(0x8000_0004L);
        SmallElf twice = new SmallElf().with32(SmallElf.SEGMENT_1 + 8, 0xc000_0000);
        assertThat(parse(twice).entryPa()).isEqualTo(0x8000_0004L);
    }

    @Test
    void aStaticPieIsMovable() {
        assertThat(parse(new SmallElf().with16(16, 3)).isMovable()).isTrue();
        assertThat(parse(new SmallElf()).isMovable()).isFalse();
    }

    @Test
    void aGlobalSymbolHidesALocalOneAndUndefinedOnesAreAbsent() {
        ElfImage image = parse(new SmallElf());

        assertThat(image.symbol("tohost")).hasValue(0xc010_0000L);
        assertThat(image.symbol("gone")).isEmpty();
        assertThat(image.symbol("")).isEmpty();
        assertThat(image.symbols()).containsExactly(
                new Symbol("tohost", 0xc010_0000L, 8, Symbol.STT_OBJECT),
                new Symbol("_start", 0xc000_0000L, 8, Symbol.STT_FUNC),
                new Symbol("tohost", 0x1111, 0, Symbol.STT_NOTYPE));
    }

    @Test
    void aStrippedImageHasNoSymbols() {
        assertThat(parse(new SmallElf().with32(32, 0).with16(46, 0).with16(48, 0).with16(50, 0)).symbols()).isEmpty();
    }

    @Test
    void aFieldOfTheHeaderThatIsWrongIsNamedWithItsValueAndWhatWouldBeRight() {
        assertThatExceptionOfType(ElfException.class).isThrownBy(() -> parse(new SmallElf().with16(18, 62)))
                .withMessage("small.elf: e_machine is 0x3e; it should be 0xf3 (EM_RISCV).");
        assertRefused("not an ELF file", new SmallElf().with8(1, 'e'));
        assertRefused("EI_CLASS is 0x2", new SmallElf().with8(4, 2));
        assertRefused("EI_DATA is 0x2", new SmallElf().with8(5, 2));
        assertRefused("EI_VERSION", new SmallElf().with8(6, 2));
        assertRefused("EI_OSABI", new SmallElf().with8(7, 9));
        assertRefused("e_ident[15]", new SmallElf().with8(15, 1));
        assertRefused("e_type is 0x1; it should be 2 (ET_EXEC) or 3 (ET_DYN)", new SmallElf().with16(16, 1));
        assertRefused("e_version", new SmallElf().with32(20, 2));
        assertRefused("e_entry is 0xc0000001", new SmallElf().with32(24, 0xc000_0001));
        assertRefused("it should lie in a segment", new SmallElf().with32(24, 0x7000_0000));
        assertRefused("e_phoff", new SmallElf().with32(28, -1));
        assertRefused("e_shoff", new SmallElf().with32(32, -1));
        assertRefused("-mabi=ilp32", new SmallElf().with32(36, 0x5));
        assertRefused("e_flags", new SmallElf().with32(36, 0x20));
        assertRefused("e_ehsize", new SmallElf().with16(40, 64));
        assertRefused("e_phentsize", new SmallElf().with16(42, 56));
        assertRefused("e_phnum is 0", new SmallElf().with16(44, 0));
        assertRefused("e_phnum is 65535", new SmallElf().with16(44, 0xffff));
        assertRefused("e_shentsize", new SmallElf().with16(46, 64));
        assertRefused("e_shnum is 65280", new SmallElf().with16(48, 0xff00));
        assertRefused("e_shnum is 0", new SmallElf().with16(48, 0));
        assertRefused("e_shstrndx is 3", new SmallElf().with16(50, 3));
    }

    @Test
    void aSegmentThatCannotBeIsRefused() {
        assertRefused("p_offset, p_filesz", new SmallElf().with32(SmallElf.SEGMENT_1 + 4, -4));
        assertRefused("p_memsz of segment 1 is 0x2", new SmallElf().with32(SmallElf.SEGMENT_1 + 20, 2));
        assertRefused("p_flags of segment 1", new SmallElf().with32(SmallElf.SEGMENT_1 + 24, 8));
        assertRefused("p_paddr 0x", new SmallElf().with32(SmallElf.SEGMENT_1 + 12, 0xf000_0000));
        assertRefused("p_vaddr 0x", new SmallElf().with32(SmallElf.SEGMENT_1 + 8, 0xf000_0000));
        assertRefused("power of two", new SmallElf().with32(SmallElf.SEGMENT_1 + 28, 12));
        assertRefused("modulo p_align", new SmallElf().with32(SmallElf.SEGMENT_1 + 28, 0x1000));
        assertRefused("dynamic linker", new SmallElf().with32(SmallElf.SEGMENT_1, 3));
        assertRefused("at least one", new SmallElf().with32(SmallElf.SEGMENT_0, 4).with32(SmallElf.SEGMENT_1, 4));
    }

    @Test
    void segmentsThatOverlapAreRefused() {
        assertRefused("pa 0x80000000..0x80000007, one at pa 0x80000004..0xb0000003",
                new SmallElf().with32(SmallElf.SEGMENT_1 + 12, 0x8000_0004));
        assertThat(parse(new SmallElf().with32(SmallElf.SEGMENT_1 + 12, 0x8000_0008)).segments()).hasSize(2);
    }

    @Test
    void aSegmentMayReachTheVeryEndOfTheAddressSpace() {
        ElfImage image = parse(new SmallElf().with32(SmallElf.SEGMENT_1 + 12, 0xd000_0000));

        assertThat(image.segments().get(1).endPa()).isEqualTo(1L << 32);
    }

    @Test
    void segmentsThatShareTheBytesOfTheFileAreRefused() {
        int size = new SmallElf().bytes().length;
        assertRefused("at most the size of the file", new SmallElf()
                .with32(SmallElf.SEGMENT_0 + 4, 0).with32(SmallElf.SEGMENT_0 + 16, size)
                .with32(SmallElf.SEGMENT_0 + 20, size));
    }

    @Test
    void aSymbolTableThatCannotBeIsRefused() {
        assertRefused("the symbol table (sh_offset, sh_size)",
                new SmallElf().with32(SmallElf.SYMTAB + 16, 0x7fff_ffff));
        assertRefused("sh_entsize", new SmallElf().with32(SmallElf.SYMTAB + 36, 0));
        assertRefused("a multiple of 16", new SmallElf().with32(SmallElf.SYMTAB + 20, 17));
        assertRefused("sh_link", new SmallElf().with32(SmallElf.SYMTAB + 24, 3));
        assertRefused("SHT_STRTAB", new SmallElf().with32(SmallElf.SYMTAB + 24, 1));
        assertRefused("the table of symbol names", new SmallElf().with32(SmallElf.STRTAB + 16, -1));
        assertRefused("st_name", new SmallElf().with32(SmallElf.SYMBOLS + 16, 1000));
        assertRefused("does not end", new SmallElf().with32(SmallElf.STRTAB + 20, 10));
        assertRefused("control character 0x1b", new SmallElf().with8(SmallElf.NAMES + 2, 0x1b));
    }

    @Test
    void everyTruncationIsAClearError() {
        byte[] whole = new SmallElf().bytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] truncated = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(ElfException.class).isThrownBy(() -> ElfImage.parse(truncated, "small.elf"))
                    .withMessageStartingWith("small.elf: ");
        }
    }

    @Test
    void everyValueOfEveryByteParsesOrIsAClearError() {
        byte[] whole = new SmallElf().bytes();
        for (int at = 0; at < whole.length; at++) {
            byte[] mutated = whole.clone();
            for (int value = 0; value < 256; value++) {
                mutated[at] = (byte) value;
                parseOrRefuse(mutated, "byte " + at + " is " + value);
            }
        }
    }

    @Test
    void randomMutationsParseOrAreAClearError() {
        long seed = System.nanoTime();
        byte[] whole = new SmallElf().bytes();
        for (long i = seed; i < seed + 50_000; i++) {
            Random random = new Random(i);
            byte[] mutated = whole.clone();
            for (int changes = 1 + random.nextInt(6); changes > 0; changes--) {
                int[] values = {0, 1, 0x7f, 0x80, 0xff, random.nextInt()};
                mutated[random.nextInt(mutated.length)] = (byte) values[random.nextInt(values.length)];
            }
            parseOrRefuse(mutated, "seed " + i);
        }
    }

    private static void parseOrRefuse(byte[] file, String what) {
        try {
            ElfImage image = ElfImage.parse(file, "small.elf");
            assertThat(image.segments()).as(what).isNotEmpty();
            assertThat(image.entryPa()).as(what).isBetween(0L, 0xffff_ffffL);
        } catch (ElfException refused) {
            assertThat(refused.getMessage()).as(what).startsWith("small.elf: ").endsWith(".");
        } catch (RuntimeException other) {
            throw new AssertionError(what, other);
        }
    }

    /** Builds a name table that consists of one long string, with a symbol at each of its characters. */
    @Test
    void symbolsThatShareTheTailsOfOneLongNameAreRefusedBeforeTheyFillTheMemory() {
        int count = 200_000;
        int tableStart = new SmallElf().bytes().length;
        int namesStart = tableStart + 16 * count;
        SmallElf elf = new SmallElf().with32(SmallElf.SYMTAB + 16, tableStart).with32(SmallElf.SYMTAB + 20, 16 * count)
                .with32(SmallElf.STRTAB + 16, namesStart).with32(SmallElf.STRTAB + 20, count + 1);
        byte[] file = Arrays.copyOf(elf.bytes(), namesStart + count + 1);
        Arrays.fill(file, namesStart, namesStart + count, (byte) 'x');
        ByteBuffer symbols = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            symbols.putInt(tableStart + 16 * i, i).putInt(tableStart + 16 * i + 12, 0x10010);
        }

        Assertions.assertTimeout(Duration.ofSeconds(10), () -> assertThatExceptionOfType(ElfException.class)
                .isThrownBy(() -> ElfImage.parse(file, "long.elf")).withMessageContaining("16 times"));
    }

    @Test
    void anImageThatGccBuiltHasTheSymbolsThatNmLists(@TempDir Path directory) throws IOException, InterruptedException {
        Tools.need(TOOLCHAIN + "gcc");
        Files.writeString(directory.resolve("program.S"), """
                .globl _start
                .type _start, @function
                _start: j _start
                .size _start, . - _start
                .data
                .globl counter
                counter: .word 42
                .bss
                buffer: .skip 0x100000
                """);
        Tools.run(directory, TOOLCHAIN + "gcc", "-march=rv32imac", "-mabi=ilp32", "-nostdlib", "-static",
                "-Wl,-Ttext=0x80000000", "-o", "program.elf", "program.S");
        String listed = Tools.run(directory, TOOLCHAIN + "nm", "--defined-only", "program.elf");

        ElfImage image = ElfImage.parse(Files.readAllBytes(directory.resolve("program.elf")), "program.elf");

        assertThat(image.entryPa()).isEqualTo(0x8000_0000L).isEqualTo(image.symbol("_start").orElseThrow());
        assertThat(image.symbols().stream().filter(symbol -> !symbol.name().startsWith("$"))
                .map(symbol -> String.format(Locale.ROOT, "%08x %s", symbol.value(), symbol.name()))
                .collect(Collectors.toSet())).isEqualTo(listed.lines().filter(line -> !line.contains(" $"))
                .map(line -> line.substring(0, 9) + line.substring(11)).collect(Collectors.toSet()));
        assertThat(image.segments().stream().mapToLong(segment -> segment.memSize() - segment.fileSize()).sum())
                .isGreaterThanOrEqualTo(0x100000);
    }

    private static ElfImage parse(SmallElf elf) {
        return ElfImage.parse(elf.bytes(), "small.elf");
    }

    private static void assertRefused(String reason, SmallElf elf) {
        assertThatExceptionOfType(ElfException.class).isThrownBy(() -> parse(elf)).withMessageContaining(reason);
    }
}
