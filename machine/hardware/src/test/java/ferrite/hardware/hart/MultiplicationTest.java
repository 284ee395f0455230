package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.A2;
import static ferrite.hardware.Assembler.r;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.instruction.Instruction;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The instructions of M, compared with chapter 7 in integers of any size. */
class MultiplicationTest {

    private static final int[] EDGES = {0, 1, -1, 2, -2, 3, 7, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0x1_0000,
            0xffff, 0x5555_5555};

    private final HartFixture fixture = new HartFixture();

    private static BigInteger signed(int value) {
        return BigInteger.valueOf(value);
    }

    private static BigInteger unsigned(int value) {
        return BigInteger.valueOf(value & 0xffff_ffffL);
    }

    private interface Meaning {
        BigInteger of(int x, int y);
    }

    private static BigInteger divide(BigInteger x, BigInteger y) {
        return y.signum() == 0 ? BigInteger.ONE.negate() : x.divide(y);
    }

    private static BigInteger remainder(BigInteger x, BigInteger y) {
        return y.signum() == 0 ? x : x.remainder(y);
    }

    private static Map<Instruction, Meaning> meanings() {
        Map<Instruction, Meaning> meanings = new LinkedHashMap<>();
        meanings.put(Instruction.MUL, (x, y) -> signed(x).multiply(signed(y)));
        meanings.put(Instruction.MULH, (x, y) -> signed(x).multiply(signed(y)).shiftRight(32));
        meanings.put(Instruction.MULHSU, (x, y) -> signed(x).multiply(unsigned(y)).shiftRight(32));
        meanings.put(Instruction.MULHU, (x, y) -> unsigned(x).multiply(unsigned(y)).shiftRight(32));
        meanings.put(Instruction.DIV, (x, y) -> divide(signed(x), signed(y)));
        meanings.put(Instruction.DIVU, (x, y) -> divide(unsigned(x), unsigned(y)));
        meanings.put(Instruction.REM, (x, y) -> remainder(signed(x), signed(y)));
        meanings.put(Instruction.REMU, (x, y) -> remainder(unsigned(x), unsigned(y)));
        return meanings;
    }

    @Test
    void everyOperationIsAsTheSpecificationSays() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        meanings().forEach((instruction, meaning) -> {
            for (int x : EDGES) {
                for (int y : EDGES) {
                    check(instruction, meaning, x, y, seed);
                    check(instruction, meaning, x, random.nextInt(), seed);
                    check(instruction, meaning, random.nextInt(), y, seed);
                    check(instruction, meaning, random.nextInt(), random.nextInt() >> random.nextInt(32), seed);
                }
            }
        });
    }

    private void check(Instruction instruction, Meaning meaning, int x, int y, Seed seed) {
        assertThat(fixture.execute(r(instruction, A0, A1, A2), x, y))
                .as(seed.replay("%s %x %x".formatted(instruction, x, y)))
                .isEqualTo(meaning.of(x, y).intValue());
    }

    /** Table 7.1. */
    @ParameterizedTest
    @CsvSource({
        "DIVU, 42, 0, -1", "REMU, 42, 0, 42", "DIV, -42, 0, -1", "REM, -42, 0, -42",
        "DIV, -2147483648, -1, -2147483648", "REM, -2147483648, -1, 0",
        "DIV, -7, 2, -3", "REM, -7, 2, -1", "REM, 7, -2, 1", "MULHSU, -1, -1, -1",
        "MULHU, -1, -1, -2", "MULH, -1, -1, 0",
    })
    void theSpecialCasesAreThoseOfTheTable(Instruction instruction, int x, int y, int result) {
        assertThat(fixture.execute(r(instruction, A0, A1, A2), x, y)).isEqualTo(result);
    }
}
