package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.TranslatedRegion;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Code that is executed often is translated, and again after its region was dropped. */
class HotCodeTest {

    private static final int SLICE = 100_000;
    private static final int SLICES = 600;
    /** More than the misses after which a region is made again. */
    private static final int DROPS = 3000;

    private final NotingTranslator translator = new NotingTranslator();
    private final List<TranslatedRegion> regions = translator.regions;
    private final Twins twins = new Twins();
    private final Twins.Twin twin = twins.translated;

    private void start(int... code) {
        twins.code(Twins.CODE, code);
        twin.hart.translate(translator, false);
    }

    private void loop() {
        for (int slice = 0; slice < SLICES; slice++) {
            twin.clock.grant(SLICE);
            twin.hart.run();
        }
    }

    @Test
    void aLoopIsTranslatedAgainAfterItsRegionWasDropped() {
        start(0x0012_8293,                             // addi x5, x5, 1
                0xffdf_f06f);                          // j CODE
        loop();
        assertThat(regions).singleElement().matches(TranslatedRegion::isValid);
        twin.bus.code().dropAll();
        assertThat(regions).singleElement().matches(region -> !region.isValid());
        loop();
        assertThat(regions).hasSize(2).last().matches(TranslatedRegion::isValid);
        assertThat(twin.hart.register(5)).as("the loop's passes, of two instructions each").isEqualTo(SLICES * SLICE);
    }

    @Test
    void aRegionIsTheCodeThatIsExecutedAcrossCallsAndReturns() {
        start(0x0012_8293,                             // addi x5, x5, 1
                0x0002_8463,                           // beqz x5, + 8: never
                0x00c0_00ef,                           // jal f
                0x0013_0313,                           // addi x6, x6, 1: after the branch, and after the call
                0xff1f_f06f,                           // j CODE
                0x0013_8393,                           // f: addi x7, x7, 1
                0x0003_8463,                           // beqz x7, + 8: never
                0x0000_8067,                           // ret
                0x0014_0413,                           // addi x8, x8, 1: never
                0x0000_8067);                          // ret
        loop();
        assertThat(regions).hasSizeBetween(1, 2).last().satisfies(region -> assertThat(region.parts())
                .singleElement().satisfies(part -> assertThat(part.starts().stream().map(slot -> slot / 2))
                        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7)));
        assertThat(twin.hart.register(5)).isEqualTo(twin.hart.register(7)).isEqualTo(SLICES * SLICE / 8);
    }

    @Test
    void aLoadThatOftenMissesTheFastPathStaysInItsRegion() {
        start(0x0012_8293,                             // addi x5, x5, 1
                0x0005_2303,                           // lw x6, 0(x10)
                0xff9f_f06f);                          // j CODE
        twin.hart.setRegister(10, Twins.DEVICE);
        loop();
        assertThat(regions).as("the region was made again").hasSize(2).last().matches(TranslatedRegion::isValid);
        long before = twin.hart.translatedTicks();
        twin.clock.grant(SLICE);
        twin.hart.run();
        assertThat(twin.hart.translatedTicks() - before).isGreaterThan(SLICE * 99 / 100);
    }

    /** It has its fast path back after each miss. A call for it would be copied into the region by the JVM. */
    @Test
    void aLoadWhosePageIsOftenNewHasNoCall() {
        start(0x0012_8293,                             // addi x5, x5, 1
                0x0005_2303,                           // lw x6, 0(x10)
                0xff9f_f06f);                          // j CODE
        twin.hart.setRegister(10, Twins.DATA);
        loop();
        assertThat(regions).hasSize(1);
        AccessWatch watch = (master, va, pa, bytes, access) -> { };
        long missesBefore = twin.hart.fastPathMisses();
        for (int i = 0; i < DROPS; i++) {
            twin.bus.watch(Twins.DATA, 4, watch);
            twin.bus.unwatch(Twins.DATA, 4, watch);
            twin.clock.grant(SLICE / 100);
            twin.hart.run();
        }
        assertThat(twin.hart.fastPathMisses() - missesBefore).isGreaterThanOrEqualTo(DROPS);
        assertThat(regions).singleElement().matches(TranslatedRegion::isValid);
    }

    @Test
    void theTicksOfARegionThatTrapsAreTranslatedOnes() {
        int[] code = new int[12];
        Arrays.fill(code, 0x0012_8293);                // addi x5, x5, 1
        code[11] = 0x0005_2303;                        // lw x6, 0(x10): with a call, as the bits of its pc want it
        twins.code(Twins.CODE, code);
        twins.code(Twins.HANDLER, 0x0000_006f);        // j HANDLER
        twin.hart.translate(new BytecodeTranslator(), true);
        twin.hart.setRegister(10, Twins.NOWHERE);
        twin.clock.grant(code.length);
        twin.hart.run();
        assertThat(twin.hart.pc()).isEqualTo(Twins.HANDLER);
        assertThat(twin.hart.translatedTicks()).isEqualTo(code.length);
    }

    /** A fill of memory, as memset has it: more stores than the estimated size of a region. */
    @Test
    void aLoopOfStraightCodeIsOneRegionHoweverLongItIs() {
        int stores = 48;
        int[] code = new int[stores + 1];
        for (int i = 0; i < stores; i++) {
            code[i] = 0x00b5_2023 | i * 4 >> 5 << 25 | (i * 4 & 0x1f) << 7;      // sw x11, 4 * i(x10)
        }
        code[stores] = jump(-4 * stores);                                        // j CODE
        start(code);
        twin.hart.setRegister(10, Twins.DATA);
        loop();
        assertThat(regions).singleElement().satisfies(region -> assertThat(region.parts()).singleElement()
                .satisfies(part -> assertThat(part.starts().cardinality()).isEqualTo(stores + 1)));
    }

    /** Forty blocks with a branch each: more code than a region has at first, all of it executed in each pass. */
    @Test
    void aRegionThatIsLeftTooOftenGetsLarger() {
        int blocks = 40;
        int length = 9;
        int[] code = new int[blocks * length + 1];
        for (int i = 0; i < blocks * length; i++) {
            code[i] = i % length < length - 1 ? 0x0012_8293 : 0x0000_1463;       // addi x5, x5, 1; bne x0, x0, + 8
        }
        code[blocks * length] = jump(-4 * blocks * length);                      // j CODE
        start(code);
        loop();
        assertThat(regions).first().satisfies(region -> assertThat(instructions(region)).isLessThan(code.length));
        loop();
        assertThat(regions).last().satisfies(region -> assertThat(instructions(region)).isEqualTo(code.length));
        int made = regions.size();
        loop();
        assertThat(regions).hasSize(made).filteredOn(TranslatedRegion::isValid).hasSize(1);
    }

    private static int instructions(TranslatedRegion region) {
        return region.parts().stream().mapToInt(part -> part.starts().cardinality()).sum();
    }

    private static int jump(int offset) {
        return 0x6f | (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20
                | (offset >> 12 & 0xff) << 12;
    }

    /** Most traces end in the handler, in another mode than the code whose trace it is. */
    @Test
    void codeIsTranslatedAlthoughTrapsInterruptItsTrace() {
        start(0x7d00_0293,                             // li x5, 2000
                0xfff2_8293,                           // a: addi x5, x5, -1
                0xfe02_9ee3,                           // bnez x5, a
                0x0000_0073,                           // ecall
                0xff1f_f06f);                          // j CODE
        twins.code(Twins.HANDLER, 0x0000_2337,         // lui x6, 2
                0xfff3_0313,                           // b: addi x6, x6, -1
                0xfe03_1ee3,                           // bnez x6, b
                0x3410_23f3,                           // csrr x7, mepc
                0x0043_8393,                           // addi x7, x7, 4
                0x3413_9073,                           // csrw mepc, x7
                0x3020_0073);                          // mret
        twin.hart.setMode(PrivilegeMode.U);
        loop();
        assertThat(regions).anySatisfy(region -> assertThat(region.parts().get(0).page())
                .isSameAs(twin.bus.code().at(Twins.CODE)));
    }
}
