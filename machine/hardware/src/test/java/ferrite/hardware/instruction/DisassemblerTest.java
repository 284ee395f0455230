package ferrite.hardware.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DisassemblerTest {

    private static final int RANDOM_WORDS = 20_000;
    private static final Set<String> OUR_MNEMONICS = Arrays.stream(Instruction.values())
            .map(Instruction::mnemonic).collect(Collectors.toSet());

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "00000013 | nop",
        "00500513 | li a0,5",
        "00058513 | mv a0,a1",
        "ff010113 | add sp,sp,-16",
        "12345537 | lui a0,0x12345",
        "00812623 | sw s0,12(sp)",
        "00008067 | ret",
        "004500e7 | jalr 4(a0)",
        "00051463 | bnez a0,0x80000008",
        "ffdff06f | j 0x7ffffffc",
        "c0102573 | rdtime a0",
        "30053073 | csrc mstatus,a0",
        "7c001073 | csrw 0x7c0,zero",
        "0ff0000f | fence",
        "0310000f | fence rw,w",
        "12b50073 | sfence.vma a0,a1",
        "c0001073 | unimp",
        "02b50533 | mul a0,a0,a1",
        "02c5d533 | divu a0,a1,a2",
        "0805252f | amoswap.w a0,zero,(a0)",
        "1605252f | lr.w.aqrl a0,(a0)",
        "1ab5252f | sc.w.rl a0,a1,(a0)",
        "42b50533 | .word 0x42b50533",
        "00000000 | unimp",
        "00008004 | .2byte 0x8004",
        "00001141 | add sp,sp,-16",
        "00008082 | ret",
        "0000852e | mv a0,a1",
        "00009002 | ebreak",
        "12344501 | li a0,0",
        "0000c606 | sw ra,12(sp)",
        "0000bffd | j 0x7ffffffe",
    })
    void aWordIsWrittenAsObjdumpWritesIt(String word, String text) {
        assertThat(Disassembler.text(Integer.parseUnsignedInt(word, 16), 0x8000_0000L)).isEqualTo(text);
    }

    @Test
    void withoutAliasesAWordIsTheInstructionThatItReallyIs() {
        assertThat(Disassembler.textWithoutAliases(0x0000_0013, 0)).isEqualTo("addi zero,zero,0");
        assertThat(Disassembler.textWithoutAliases(0x0000_8067, 0)).isEqualTo("jalr zero,0(ra)");
        assertThat(Disassembler.textWithoutAliases(0x8330_000f, 0)).isEqualTo("fence rw,rw");
        assertThat(Disassembler.textWithoutAliases(0xffff_ffff, 0)).isEqualTo(".word 0xffffffff");
        assertThat(Disassembler.textWithoutAliases(0x1141, 0)).isEqualTo("c.addi sp,-16");
        assertThat(Disassembler.textWithoutAliases(0, 0)).isEqualTo("c.unimp");
    }

    /** Section 1.4: "memory address computations done by the hardware … wrap around modulo 2^XLEN". */
    @Test
    void aTargetWrapsAroundAtTheEndOfTheAddressSpace() {
        int jumpBackFour = 0xffdf_f06f;
        int jumpAheadEight = 0x0080_006f;
        assertThat(Disassembler.text(jumpBackFour, 0)).isEqualTo("j 0xfffffffc");
        assertThat(Disassembler.text(jumpAheadEight, 0xffff_fffcL)).isEqualTo("j 0x4");
    }

    @ParameterizedTest
    @EnumSource
    void everyPseudoinstructionIsPrintedForSomeWord(PseudoInstruction pseudo) {
        // Neither zero nor all ones where it does not look, so that no row above it fits by accident.
        int word = pseudo.base().match() | 0xaaaa_aaaa & ~pseudo.base().mask();
        word = word & ~pseudo.fields() | pseudo.value();
        assertThat(Decoder.decode(word)).isSameAs(pseudo.base());
        assertThat(Disassembler.text(word, 0)).isEqualTo(pseudo.text(word, 0));
    }

    @Test
    void theDisassemblerAgreesWithObjdump(@TempDir Path directory) throws Exception {
        RandomWords words = new RandomWords();
        int[] code = randomCode(words);
        List<String> theirs = Objdump.disassemble(code, directory);

        List<String> differences = new ArrayList<>();
        for (int i = 0; i < code.length; i++) {
            String ours = Disassembler.text(code[i], Objdump.BASE_VA + 4L * i);
            if (isComparable(code[i]) && !isFloatingPointCsr(code[i]) && !ours.equals(asBinutils240(theirs.get(i)))) {
                differences.add(difference(code[i], ours, theirs.get(i)));
            }
        }
        assertThat(differences).isEmpty();
    }

    @Test
    void withoutAliasesToo(@TempDir Path directory) throws Exception {
        RandomWords words = new RandomWords();
        int[] code = randomCode(words);
        List<String> theirs = Objdump.disassemble(code, directory, "-M", "no-aliases");

        List<String> differences = new ArrayList<>();
        for (int i = 0; i < code.length; i++) {
            String ours = Disassembler.textWithoutAliases(code[i], Objdump.BASE_VA + 4L * i);
            if (isComparable(code[i]) && !isAlwaysAnAlias(code[i]) && !ours.equals(theirs.get(i))) {
                differences.add(difference(code[i], ours, theirs.get(i)));
            }
        }
        assertThat(differences).isEmpty();
    }

    @Test
    void aWordThatWeRejectIsNoneThatObjdumpKnowsByANameOfOurs(@TempDir Path directory) throws Exception {
        RandomWords words = new RandomWords();
        int[] code = randomCode(words);
        List<String> theirs = Objdump.disassemble(code, directory, "-M", "no-aliases");

        assertThat(IntStream.range(0, code.length)
                .filter(i -> Decoder.decode(code[i]) == null && !isShiftOfRv64(code[i]))
                .filter(i -> OUR_MNEMONICS.contains(theirs.get(i).split(" ")[0]))
                .mapToObj(i -> difference(code[i], "illegal", theirs.get(i))))
                .isEmpty();
    }

    @Test
    void everyParcelOf16BitsIsWrittenAsObjdumpWritesIt(@TempDir Path directory) throws Exception {
        int[] parcels = IntStream.range(0, 0x1_0000).filter(Decoder::isCompressed).toArray();
        List<String> theirs = Objdump.disassembleParcels(parcels, directory);
        List<String> theirsWithoutAliases = Objdump.disassembleParcels(parcels, directory, "-M", "no-aliases");

        List<String> differences = new ArrayList<>();
        for (int i = 0; i < parcels.length; i++) {
            long pc = Objdump.BASE_VA + 2L * i;
            boolean illegal = parcels[i] != 0 && Decoder.decodeCompressed(parcels[i]) == null;
            String expected = illegal ? String.format(Locale.ROOT, ".2byte 0x%x", parcels[i])
                    : asBinutils240(theirs.get(i));
            if (!Disassembler.text(parcels[i], pc).equals(expected)) {
                differences.add(difference(parcels[i], Disassembler.text(parcels[i], pc), expected));
            }
            if (!illegal && !Disassembler.textWithoutAliases(parcels[i], pc).equals(theirsWithoutAliases.get(i))) {
                differences.add(difference(parcels[i], Disassembler.textWithoutAliases(parcels[i], pc),
                        theirsWithoutAliases.get(i)));
            }
            if (illegal && !isOfAnotherExtension(theirsWithoutAliases.get(i), parcels[i])) {
                differences.add(difference(parcels[i], "illegal", theirsWithoutAliases.get(i)));
            }
        }
        assertThat(differences).isEmpty();
    }

    /**
     * Recognises loads and stores of F and D, and reserved parcels that objdump still prints: c.addi16sp by 0, shifts
     * by 32 and more.
     */
    private static boolean isOfAnotherExtension(String theirs, int parcel) {
        return theirs.startsWith("c.f") || theirs.startsWith(".2byte") || theirs.equals("c.addi16sp sp,0")
                || theirs.matches("c[.]s(ll|rl|ra)i .*") && (parcel & 1 << 12) != 0;
    }

    /**
     * Generates code: three quarters are instructions with random operands, the rest are any words that are 32 bits
     * long.
     */
    private static int[] randomCode(RandomWords words) {
        return IntStream.range(0, RANDOM_WORDS)
                .map(n -> switch (n % 8) {
                    case 0 -> words.anyOf32Bits();
                    case 1 -> words.nearlyAnInstruction(n / 8);
                    default -> words.instruction(n);
                })
                .toArray();
    }

    private static String difference(int word, String ours, String theirs) {
        return String.format(Locale.ROOT, "%08x: %s, but objdump says %s", word, ours, theirs);
    }

    /** Leaves out instructions of extensions that the machine lacks, and fences that objdump prints as data. */
    private static boolean isComparable(int word) {
        return Decoder.decode(word) != null && !isFenceWithReservedFields(word);
    }

    private static boolean isFenceWithReservedFields(int word) {
        Instruction instruction = Decoder.decode(word);
        if (instruction == Instruction.FENCE_I) {
            return word != instruction.match();
        }
        int fenceTso = 0x8330_000f;
        return instruction == Instruction.FENCE && (word & ~0x0ff0_0000) != instruction.match() && word != fenceTso;
    }

    /** Recognises the CSRs of F. objdump prints frflags, fsrm and the like for them, and this machine lacks F. */
    private static boolean isFloatingPointCsr(int word) {
        boolean accessesCsr = Stream.of(Operands.CSR, Operands.CSR_IMMEDIATE)
                .anyMatch(shape -> shape == Decoder.decode(word).operands());
        return accessesCsr && Encoding.csr(word) >= 1 && Encoding.csr(word) <= 3;
    }

    /** Recognises the two names that objdump prints even without aliases. */
    private static boolean isAlwaysAnAlias(int word) {
        int fenceTso = 0x8330_000f;
        int unimp = 0xc000_1073;
        return word == fenceTso || word == unimp;
    }

    /** Recognises shifts by 32 to 63. objdump prints them for RV32 as well, where they are reserved (section 2.4.1). */
    private static boolean isShiftOfRv64(int word) {
        return Stream.of(Instruction.SLLI, Instruction.SRLI, Instruction.SRAI)
                .anyMatch(shift -> shift.matches(word & ~(1 << 25)));
    }

    /** Converts to the text of 2.40. Later releases write "addi" for its "add", and "csrwi" for its "csrw". */
    private static String asBinutils240(String text) {
        return text.replaceFirst("^(add|slt|xor|or|and|sll|srl|sra|csr[wsc]|csrr[wsc])i ", "$1 ")
                .replaceFirst("^sltiu ", "sltu ");
    }
}
