package ferrite.kernel.driver;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.work.DelayedWorkLayout;
import ferrite.kernel.work.WorkFunction;
import ferrite.kernel.work.WorkLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Managed resources: {@code devm_*}. */
class DevresTest {

    private static final String TIMER = "timer@f0051000";
    private static final String DRIVER = "/sys/bus/platform/drivers/managed/";
    private static final int IRQ = 2;

    private final List<String> events = new ArrayList<>();
    private final TestDriver driver = new TestDriver("managed", "ferrite,test-timer");
    private KernelFixture fixture;
    private SysFiles files;

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).extracting(Violation::summary).isEmpty();
        fixture.close();
    }

    private void boot(ToIntFunction<Device> probe) {
        fixture = KernelFixture.options().bootArguments("slub_debug=FZPU").driver(() -> driver.probe(probe))
                .nodes(soc -> soc.set("ferrite,io-window", 0xf004_0000, 0x1000)).boot();
        files = new SysFiles(fixture);
    }

    private KernelCalls kernel() {
        return driver.kernel;
    }

    private long action(String name) {
        return driver.text.add(name, (DevmAction) data -> events.add(name + " " + data));
    }

    private long handler() {
        return driver.text.add("managed_interrupt", (IrqHandler) (irq, data) -> IrqReturn.IRQ_HANDLED);
    }

    /** Takes one resource of each kind. */
    private int takeAll(Device device) {
        long dev = device.dev();
        kernel().dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(32));
        long registers = kernel().devmPlatformIoremapResource(dev, 0);
        long state = kernel().devmKzalloc(dev, 100, Gfp.GFP_KERNEL);
        check(registers != 0 && state != 0
                && kernel().devmKcalloc(dev, 3, 50, Gfp.GFP_KERNEL) != 0
                && kernel().devmKmemdup(dev, state, 100, Gfp.GFP_KERNEL) != 0
                && kernel().devmGetFreePages(dev, Gfp.GFP_KERNEL, 1) != 0
                && kernel().devmAllocPercpu(dev, 8) != 0
                && kernel().devmIoremap(dev, 0xf0051000L, 16) != 0
                && kernel().devmRequestMemRegion(dev, 0xf7000000L, 16, "more") != 0
                && kernel().devmRequestRegion(dev, 0x378, 8, "more") != 0
                && kernel().dmamAllocCoherent(dev, 5000, state, Gfp.GFP_KERNEL) != 0
                && kernel().dmamPoolCreate("pool", dev, 64, 16, 0) != 0
                && kernel().devmRequestIrq(dev, IRQ, handler(), 0, "managed", state) == 0
                && kernel().devmAddActionOrReset(dev, action("last"), 5) == 0, "a resource is missing");
        return 0;
    }

    /** The requested regions, mapped registers and interrupts of the driver. */
    private List<String> ranges() {
        return Stream.of("iomem", "ioports", "interrupts", "vmallocinfo").flatMap(name -> fixture.proc(name).lines())
                .filter(line -> line.startsWith("  f") || line.contains("DevresTest.java") || line.endsWith(" more")
                        || line.endsWith(" managed"))
                .map(line -> line.replaceAll("0x\\w+-0x\\w+", "").strip()).toList();
    }

    @Test
    void everyKindIsReleasedWhenTheDeviceIsUnboundAndTakenWhenItIsBoundAgain() {
        boot(this::takeAll);
        fixture.shrinkAfterRuns = true;
        assertThat(ranges()).hasSize(6).contains("f0051000-f0051fff : timer@f0051000");
        List<String> bound = ranges();
        files.expect(0, DRIVER + "unbind", TIMER);
        files.expect(0, DRIVER + "bind", TIMER);       // the caches have their slabs now
        files.expect(0, DRIVER + "unbind", TIMER);
        String unbound = fixture.accounting();
        assertThat(ranges()).isEmpty();
        files.expect(0, DRIVER + "bind", TIMER);
        assertThat(fixture.accounting()).isNotEqualTo(unbound);
        assertThat(ranges()).isEqualTo(bound);
        files.expect(0, DRIVER + "unbind", TIMER);
        assertThat(fixture.accounting()).isEqualTo(unbound);
        assertThat(events).hasSize(3).containsOnly("last 5");
    }

    @Test
    void aFailedProbeReleasesInReverseOrderAndIsNotReported() {
        boot(device -> {
            takeAll(device);
            check(kernel().devmAddAction(device.dev(), action("first"), 1) == 0
                    && kernel().devmAddAction(device.dev(), action("second"), 2) == 0, "no memory");
            return -Errno.EIO;
        });
        assertThat(events).containsExactly("second 2", "first 1", "last 5");
        assertThat(fixture.log).anyMatch(line -> line.contains("managed timer@f0051000: probe failed: Input/output"));
        assertThat(ranges()).isEmpty();
    }

    @Test
    void removeRunsBeforeTheReleases() {
        driver.remove(device -> events.add("remove"));
        boot(this::takeAll);
        files.expect(0, DRIVER + "unbind", TIMER);
        assertThat(events).containsExactly("remove", "last 5");
    }

    @Test
    void whatIsGivenBackEarlyIsNotReleasedAgain() {
        boot(device -> {
            long dev = device.dev();
            kernel().dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(32));
            long state = kernel().devmKrealloc(dev, kernel().devmKmalloc(dev, 100, Gfp.GFP_KERNEL), 3000,
                    Gfp.GFP_KERNEL);
            long pages = kernel().devmGetFreePages(dev, Gfp.GFP_KERNEL, 0);
            long variable = kernel().devmAllocPercpu(dev, 8);
            long registers = kernel().devmIoremap(dev, 0xf0051000L, 16);
            long handle = fixtureWord();
            long coherent = kernel().dmamAllocCoherent(dev, 100, handle, Gfp.GFP_KERNEL);
            long pool = kernel().dmamPoolCreate("pool", dev, 64, 16, 0);
            kernel().devmRequestMemRegion(dev, 0xf7000000L, 16, "more");
            kernel().devmRequestRegion(dev, 0x400, 8, "more");
            kernel().devmRequestThreadedIrq(dev, IRQ, handler(), handler(), 0, "managed", state);
            long removed = action("removed");
            long released = action("released");
            kernel().devmAddAction(dev, removed, 1);
            kernel().devmAddAction(dev, released, 2);
            kernel().devmReleaseAction(dev, released, 2);
            kernel().devmRemoveAction(dev, removed, 1);
            kernel().devmFreeIrq(dev, IRQ, state);
            kernel().devmReleaseMemRegion(dev, 0xf7000000L, 16);
            kernel().devmReleaseRegion(dev, 0x400, 8);
            kernel().dmamPoolDestroy(pool);
            kernel().dmamFreeCoherent(dev, 100, coherent, kernel().memory().loadAddress(handle));
            kernel().devmIounmap(dev, registers);
            kernel().devmFreePercpu(dev, variable);
            kernel().devmFreePages(dev, pages);
            kernel().devmKfree(dev, state);
            kernel().kfree(handle);
            return 0;
        });
        files.expect(0, DRIVER + "unbind", TIMER);
        assertThat(events).containsExactly("released 2");
        assertThat(ranges()).isEmpty();
    }

    private long fixtureWord() {
        return kernel().kzalloc(4, Gfp.GFP_KERNEL);
    }

    @Test
    void managedWorkIsCancelledBeforeItsMemoryIsFreed() {
        long[] items = new long[2];
        boot(device -> {
            long dev = device.dev();
            items[0] = kernel().devmKzalloc(dev, WorkLayout.SIZE, Gfp.GFP_KERNEL);
            items[1] = kernel().devmKzalloc(dev, DelayedWorkLayout.SIZE, Gfp.GFP_KERNEL);
            long worker = driver.text.add("worker", (WorkFunction) item -> {
                kernel().msleep(20);
                events.add(item == items[0] ? "item" : "delayed item");
            });
            return kernel().devmWorkAutocancel(dev, items[0], worker)
                    + kernel().devmDelayedWorkAutocancel(dev, items[1], worker);
        });
        fixture.run(() -> {
            kernel().scheduleWork(items[0]);
            kernel().scheduleDelayedWork(items[1], 100);
            kernel().msleep(4);
            check(files.write(DRIVER + "unbind", TIMER) == 0 && events.size() == 1, "unbind waits for the item");
            kernel().msleep(1000);
        });
        assertThat(events).containsExactly("item");
    }

    // ---- misuse ----

    private List<Violation> ofUnbinding(ToIntFunction<Device> probe) {
        boot(probe);
        files.expect(0, DRIVER + "unbind", TIMER);
        return fixture.takeViolations();
    }

    @Test
    void memoryThatADriverFreesByItselfIsADoubleFree() {
        assertThat(ofUnbinding(device -> {
            kernel().kfree(kernel().devmKmalloc(device.dev(), 100, Gfp.GFP_KERNEL));
            return 0;
        })).extracting(Violation::rule).containsExactly("double-free");
    }

    @Test
    void pagesThatADriverFreesByItselfAreADoubleFree() {
        driver.remove(device -> kernel().freePages(device.driverData(), 1));
        assertThat(ofUnbinding(device -> {
            device.setDriverData(kernel().devmGetFreePages(device.dev(), Gfp.GFP_KERNEL, 1));
            return 0;
        })).extracting(Violation::rule).containsExactly("page-double-free");
    }

    @Test
    void anInterruptThatADriverFreesByItselfIsReportedAndTheRestIsReleased() {
        assertThat(ofUnbinding(device -> {
            kernel().devmAddAction(device.dev(), action("rest"), 0);
            kernel().devmRequestIrq(device.dev(), IRQ, handler(), 0, "managed", 7);
            kernel().freeIrq(IRQ, 7);
            return 0;
        })).extracting(Violation::rule).containsExactly("irq-bad-free");
        assertThat(events).containsExactly("rest 0");
    }

    @Test
    void devmKfreeOfAnotherDevicesMemoryIsReportedAndFreesNothing() {
        List<Violation> found = ofUnbinding(device -> {
            long plain = kernel().kmalloc(100, Gfp.GFP_KERNEL);
            kernel().devmKfree(device.dev(), plain);
            kernel().kfree(plain);
            return 0;
        });
        assertThat(found).extracting(Violation::rule).containsExactly("invalid-free");
        assertThat(found.get(0).summary()).startsWith("devm_kfree of 0x")
                .endsWith("is no managed resource of " + TIMER);
    }

    @Test
    void aResourceThatIsTakenAfterRemoveKeepsTheDeviceFromItsNextProbe() {
        long[] dev = new long[1];
        boot(device -> {
            dev[0] = device.dev();
            return 0;
        });
        files.expect(0, DRIVER + "unbind", TIMER);
        long[] late = new long[1];
        fixture.run(() -> late[0] = kernel().devmKzalloc(dev[0], 8, Gfp.GFP_KERNEL));
        files.expect(-Errno.EBUSY, DRIVER + "bind", TIMER);
        assertThat(fixture.log).anyMatch(line -> line.contains("Resources present before probing"));
        fixture.run(() -> kernel().devmKfree(dev[0], late[0]));
        files.expect(0, DRIVER + "bind", TIMER);
    }

    @Test
    void aDeviceThatIsNoneOfTheDeviceTreeIsRefused() {
        boot(device -> 0);
        fixture.run(() -> check(KernelFixture.bugOf(() -> kernel().devmKmalloc(4096, 8, Gfp.GFP_KERNEL))
                .contains("devm_kmalloc for 0x0000_1000, which is no device of the device tree"), "no bug"));
    }

    @Test
    void managedResourcesOutliveTheKernelsObjects() {
        KernelFixture.Options options = KernelFixture.options().driver(() -> {
            TestDriver fresh = new TestDriver("managed", "ferrite,test-timer");
            return fresh.probe(device -> {
                long state = fresh.kernel.devmKzalloc(device.dev(), 100, Gfp.GFP_KERNEL);
                device.setDriverData(state);
                return fresh.kernel.devmPlatformIoremapResource(device.dev(), 0) == 0 ? -Errno.EBUSY : 0;
            });
        });
        fixture = options.boot();
        files = new SysFiles(fixture);
        assertThat(ranges()).hasSize(2);
        fixture.reattach();
        assertThat(files.list("/sys/bus/platform/drivers/managed")).isEqualTo("bind " + TIMER + " unbind");
        files.expect(0, DRIVER + "unbind", TIMER);
        assertThat(ranges()).isEmpty();
        fixture.reattach();
        assertThat(files.list("/sys/bus/platform/drivers/managed")).isEqualTo("bind unbind");
        files.expect(0, DRIVER + "bind", TIMER);
        assertThat(ranges()).hasSize(2);
    }
}
