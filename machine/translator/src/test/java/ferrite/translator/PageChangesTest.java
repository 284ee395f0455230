package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A region whose code lies in two pages goes on in the second one only while the second one is mapped as before. */
class PageChangesTest {

    private static final int ROOT = 0xa000;
    private static final int LEAVES = 0xb000;
    private static final int LOOP = 0x1ff8;
    private static final int READ_WRITE_EXECUTE = 0xcf;
    private static final int SATP_SV32 = 1 << 31;

    /** Fences, and goes on in S-mode at the address in x10. */
    private static final int[] HANDLER = {
        0x1200_0073,  // sfence.vma
        0x3415_1073,  // csrw mepc, x10
        0x3005_a073,  // csrs mstatus, x11
        0x3020_0073}; // mret

    private final Twins twins = new Twins().code(Twins.HANDLER, HANDLER)
            .code(LOOP, 0x0012_8293,                   // addi x5, x5, 1
                    0x0013_0313,                       // addi x6, x6, 1
                    0x0013_8393,                       // addi x7, x7, 1: the second page
                    0xff5f_f06f)                       // j LOOP
            .code(ROOT, LEAVES >> 2 | 1).set(10, LOOP).set(11, 0x800).set(5, 0).set(6, 0).set(7, 0);

    private void map(int va, int flags) {
        twins.code(LEAVES + 4 * (va >> 12), va >> 12 << 10 | flags);
    }

    @Test
    void aRegionEndsBeforeAPageThatIsNoLongerMapped() {
        map(LOOP, READ_WRITE_EXECUTE);
        map(LOOP + 8, READ_WRITE_EXECUTE);
        twins.satp(SATP_SV32 | ROOT >> 12).at(Twins.HANDLER).run(400, "the loop in two pages");
        int before = twins.interpreted.hart.register(7);
        assertThat(before).isGreaterThan(80);
        map(LOOP + 8, 0);
        twins.run(8, "the loop before the fence");
        twins.at(0x3000).run(400, "the loop whose second page is not mapped");
        assertThat(twins.translated.hart.register(7)).isBetween(before, before + 3);
    }
}
