package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.mm.PerCpu;
import java.util.Random;

/**
 * {@code __alloc_percpu} and {@code free_percpu}: the model holds the first hart's copy; the other copies hold values
 * that are derived from it.
 */
final class PerCpuFamily implements Family {

    @Override
    public Request random(Random random, boolean atomic) {
        return new Request(1 << random.nextInt(10), 4 * (1 + random.nextInt(random.nextInt(6) == 0 ? 2000 : 100)));
    }

    @Override
    public boolean mayBeAtomic() {
        return false;
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        PerCpu perCpu = fixture.kernel().mm().perCpu();
        long variable = perCpu.__allocPercpu(request.size(), request.gfp());
        if (variable == 0) {
            return null;
        }
        check(variable % Math.max(64, request.gfp()) == 0, "a variable at 0x" + Long.toHexString(variable));
        for (int hart = 0; hart < fixture.kernel().base().harts(); hart++) {
            long copy = perCpu.perCpuPtr(variable, hart);
            for (int at = 0; at < request.size(); at += 4) {
                check(fixture.memory().load32(copy + at) == 0, "hart " + hart + "'s copy is not zero");
            }
            fixture.memory().store32(copy + request.size() - 4, (int) variable + hart);
        }
        return new Piece(variable, variable, variable, request.size());
    }

    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        PerCpu perCpu = fixture.kernel().mm().perCpu();
        for (int hart = 1; hart < fixture.kernel().base().harts(); hart++) {
            check(fixture.memory().load32(perCpu.perCpuPtr(piece.key(), hart)
                    + request.size() - 4) == (int) piece.key() + hart, "the copy of hart " + hart + " has changed");
        }
        perCpu.freePercpu(piece.key());
    }

    @Override
    public boolean zeroed(Request request) {
        return false;                                   // checked above
    }

    @Override
    public String describe(Request request) {
        return "a per-CPU variable of " + request.size() + " bytes, aligned to " + request.gfp();
    }
}
