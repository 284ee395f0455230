package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.KernelFixture;

/** Invariants of a kernel's pages, for any behaviour of its tasks. */
public final class MemoryCheck {

    private final KernelFixture fixture;
    private final long[] floor = new long[Zones.COUNT];
    private final long[] records = new long[Zones.COUNT];

    public MemoryCheck(KernelFixture fixture) {
        this.fixture = fixture;
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            records[zone] = fixture.kernel().mm().zones().record(zone);
            floor[zone] = fixture.kernel().mm().zones().floor(fixture.peek(), records[zone], zone,
                    AllocFlags.HIGH | AllocFlags.HARDER);
        }
    }

    /** Requires that every zone has the pages that GFP_ATOMIC must leave. Any time. */
    public void requireReserve() {
        ReadableMemory view = fixture.peek();
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            long free = ZoneLayout.FREE.get(view, records[zone]);
            check(free >= floor[zone],
                    "zone " + Zones.name(zone) + " has " + free + " free pages, and its reserve is " + floor[zone]);
        }
    }

    /** Requires that every frame is in one place and the counters are right. Call it while no task runs. */
    public void requireExact() {
        Frames frames = Frames.of(fixture);
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            long free = fixture.kernel().mm().zones().free(fixture.peek(), zone);
            long cached = fixture.kernel().mm().pages().pageSets().count(fixture.peek(), zone);
            check(frames.free[zone] == free,
                    "zone " + Zones.name(zone) + " counts " + free + " free pages and has " + frames.free[zone]);
            long guards = fixture.kernel().mm().zones().guards(fixture.peek(), zone);
            check(frames.guards[zone] == guards,
                    "zone " + Zones.name(zone) + " counts " + guards + " guards and has " + frames.guards[zone]);
            check(frames.cached[zone] == cached, "the harts count " + cached + " pages of zone " + Zones.name(zone)
                    + " and have " + frames.cached[zone]);
            Frames.freeBlocks(fixture, zone);
        }
    }
}
