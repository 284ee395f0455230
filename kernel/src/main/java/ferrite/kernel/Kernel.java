package ferrite.kernel;

import ferrite.hardware.Machine;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Supervisor;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.PowerOff;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.KernelEvents;
import ferrite.kernel.dma.DmaLayer;
import ferrite.kernel.dma.ViolationExplainer;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverSystem;
import ferrite.kernel.driver.Holdings;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.ModuleSource;
import ferrite.kernel.driver.Subsystems;
import ferrite.kernel.fs.Files;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.MemInit;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.StaticData;
import ferrite.kernel.net.Net;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.shadow.MemoryStates;
import ferrite.kernel.user.Programs;
import ferrite.kernel.user.UserServices;
import ferrite.kernel.vm.UserSpace;
import ferrite.kernel.work.WorkQueues;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The mini-kernel: S-mode software in Java. {@link #boot} is its table of contents.
 *
 * <p>All kernel state is in emulated RAM, found from the page that {@link RootLayout} describes. This object and its
 * parts are views and caches of that state. {@link #attach} makes new ones for a machine that another kernel object
 * booted; the run goes on as it would have without that.
 *
 * <p>Drivers call it through {@link KernelCalls}.
 */
@Plumbing
public final class Kernel implements Supervisor {

    public static final String VERSION = "0.1";

    private static final int BOOT_HART = 0;

    /**
     * Host-side settings; they do not affect guest state.
     *
     * @param drivers    the drivers that are linked into the kernel, in the order in which they probe
     * @param logWatcher receives every line of the kernel log
     * @param violations receives reports of broken rules
     * @param modules    loads drivers from files
     * @param checks     the rules that are checked
     * @param firstTask  makes the first task, a shell for example
     * @param events     tells debuggers of frequent events
     */
    public record Configuration(List<Driver> drivers, Consumer<String> logWatcher, Consumer<Violation> violations,
            ModuleSource modules, Checks checks, Function<Kernel, FirstTask> firstTask, KernelEvents events) { }

    private final Machine machine;
    private final Configuration configuration;
    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final long root = AddressSpace.PAGE_OFFSET + RootLayout.OFFSET;
    private final TextTable text = new TextTable();
    private final Violations violations;
    private final KernelServices services = new KernelServices(this);

    private DeviceTree tree;
    private KernelBase base;
    private TaskSystem tasks;
    private WorkQueues work;
    private MemoryManager mm;
    private UserSpace userSpace;
    private Interrupts interrupts;
    private DmaLayer dma;
    private Files files;
    private DriverSystem drivers;
    private Programs programs;
    private Traps traps;
    private FirstTask firstTask;
    private boolean isUp;

    private Kernel(Machine machine, Configuration configuration) {
        this.machine = machine;
        this.configuration = configuration;
        this.memory = machine.memory();
        this.cpu = machine.cpu();
        this.violations = new Violations(machine, configuration.checks(), configuration.violations());
    }

    /** Installs a kernel in a machine that is about to be started; it boots when firmware hands the harts over. */
    public static Kernel install(Machine machine, Configuration configuration) {
        Kernel kernel = new Kernel(machine, configuration);
        kernel.takeOver();
        return kernel;
    }

    /**
     * Makes a kernel object for a machine that runs a kernel already and is at a quiescent point: between two slices,
     * with every task at its restart point or executing its program. The old kernel object must not be used afterwards.
     * Only looks at the machine, and gives every task a new Java stack.
     */
    public static Kernel attach(Machine machine, Configuration configuration) {
        Kernel kernel = new Kernel(machine, configuration);
        ReadableMemory peek = machine.peek(BOOT_HART);
        machine.turn().strands().unwindAll();
        kernel.takeOver();
        AddressSpace space = new AddressSpace(RootLayout.PHYS_OFFSET.get(peek, kernel.root));
        kernel.tree = DeviceTree.read(peek, space.virt(RootLayout.DEVICE_TREE_PA.get(peek, kernel.root)));
        kernel.assemble(space);
        kernel.base.strings().rebuild(peek);
        kernel.drivers.link();
        kernel.firstTask = configuration.firstTask().apply(kernel);
        kernel.drivers.attach(peek);
        kernel.mm.attach(peek);
        kernel.tasks.attach(peek);
        kernel.isUp = true;
        return kernel;
    }

    private void takeOver() {
        machine.turn().install(this);
        machine.onViolation(what -> violations.report(isUp
                ? new ViolationExplainer(machine, base, mm, dma).explain(what) : what.alone(machine.moment())));
        machine.onMisuse(what -> violations.misuse(what, base == null ? null : base.states().request(what.base())));
    }

    /** Makes the views of the state that boot has laid out in RAM. Only looks. */
    private void assemble(AddressSpace space) {
        ReadableMemory peek = violations.peek();
        StringTable strings = new StringTable(memory, cpu, RootLayout.STRINGS.get(peek, root));
        KernelLog log = new KernelLog(memory, cpu, RootLayout.LOG.get(peek, root), configuration.logWatcher());
        MemoryStates states = new MemoryStates(violations, space, machine.bus()::settle);
        Context context = new Context(memory, cpu, states, text, RootLayout.PER_CPU.get(peek, root), root);
        Holdings holdings = new Holdings(memory, cpu, strings, root);
        base = new KernelBase(memory, cpu, space, text, strings, log, violations, states, context, holdings,
                tree.commandLine(), configuration.events(), root);
        tasks = new TaskSystem(base, machine.turn(), services);
        work = new WorkQueues(base, tasks);
        mm = new MemoryManager(base, machine, tasks, work);
        userSpace = new UserSpace(base, tasks, mm, services);
        tasks.scheduler().onOtherAddressSpace(userSpace.spaces()::switchTo);
        interrupts = new Interrupts(base, tasks, mm.kmalloc());
        dma = new DmaLayer(base, tasks, mm, machine.bus());
        files = new Files(base, tasks, mm, userSpace, tree.root()).showing(base, tasks, interrupts, dma.isa())
                .seeded(machine.seed());
        Net net = new Net(base, tasks, mm, files);
        drivers = new DriverSystem(base, new Subsystems(tasks, work, mm, userSpace, interrupts, dma, files, net),
                tree.root(), configuration.drivers(), configuration.modules(), holdings);
        programs = new Programs(new UserServices(base, tasks, mm, userSpace, files), interrupts);
        traps = new Traps(machine, base, tasks, userSpace.memory(), interrupts);
    }

    // ---- boot ----

    @Override
    public void start(int hartId, long deviceTree) {
        if (hartId == BOOT_HART) {
            boot(deviceTree);
        } else {
            startSecondary(hartId);
        }
    }

    /** Boots, then idles on the boot hart for ever. */
    private void boot(long deviceTreePa) {
        tree = DeviceTree.read(memory, deviceTreePa);  // RAM, harts, devices, command line
        MemInit early = startEarlyMemory(deviceTreePa); // early allocator, linear map
        mm.boot(early, drivers::reserveMemory);        // zones, buddy, slab, kmalloc, vmalloc
        tasks.boot();                                  // run queues, idle tasks: the boot hart runs the first of them
        work.boot();                                   // work queues and their workers
        interrupts.boot(tree.mapper(mm.vmalloc()));    // PLIC, software interrupts
        dma.boot(tree.mapper(mm.vmalloc()));           // the 8237A's channels
        files.boot();                                  // /dev and /proc
        mountRoot();                                   // the files of --root
        drivers.init();                                // the list of loaded drivers
        startOtherHarts();
        drivers.link();
        mm.whileProbing(drivers::boot);                // probes: from now on there are devices
        firstTask = configuration.firstTask().apply(this);
        firstTask.start();
        mm.bootIsOver();                               // kswapd, and single pages stay with the harts
        base.log().info("ready: " + base.harts() + " harts, " + (early.ramBytes() >> 20) + " MiB");
        tasks.tasks().idle();
    }

    private MemInit startEarlyMemory(long deviceTreePa) {
        MemInit early = new MemInit(memory, cpu, tree.root(), tree.initrd(), tree.commandLine());
        List<StaticData> data = new ArrayList<>(MemoryManager.STATIC_DATA);
        data.add(DmaLayer.STATIC_DATA);
        data.add(Interrupts.STATIC_DATA);
        early.start(deviceTreePa, data);
        cpu.csrWrite(Csrs.STVEC, Gate.TRAP_VECTOR);
        cpu.setTp(RootLayout.INIT_TASK.at(root));
        assemble(early.space());
        base.strings().init();
        base.log().start("Ferrite " + VERSION + " mini-kernel, boot hart " + BOOT_HART
                + ", command line: " + tree.bootArguments());
        return early;
    }

    private void mountRoot() {
        Region archive = tree.initrd();
        if (archive != null) {
            long start = base.space().virt(archive.address());
            files.rootFs().mount(start, start + archive.size());
        }
    }

    private void startOtherHarts() {
        isUp = true;
        RootLayout.ONLINE.amoAdd(memory, root, 1 << BOOT_HART);
        for (int hart = 1; hart < base.harts(); hart++) {
            tasks.ipi().send(hart);
        }
        while (Integer.bitCount(RootLayout.ONLINE.get(memory, root)) < base.harts()) {
            cpu.relax();
        }
    }

    /** Starts a secondary hart. It waits with physical addresses until the boot hart sends it a software interrupt. */
    private void startSecondary(int hartId) {
        int software = 1 << Trap.SUPERVISOR_SOFTWARE;
        cpu.csrWrite(Csrs.SIE, software);
        while ((cpu.csrRead(Csrs.SIP) & software) == 0) {
            cpu.wfi();
        }
        cpu.csrClear(Csrs.SIP, software);
        cpu.csrWrite(Csrs.SATP, RootLayout.SATP.get(memory, base.space().phys(root)));
        cpu.sfenceVma();
        cpu.csrWrite(Csrs.STVEC, Gate.TRAP_VECTOR);
        tasks.tasks().adoptIdle();
        interrupts.enableOnThisHart();
        RootLayout.ONLINE.amoAdd(memory, root, 1 << hartId);
        cpu.irqEnable();
        tasks.tasks().idle();
    }

    // ---- traps ----

    @Override
    public void trap(int cause, int tval) {
        traps.handle(cause, tval);
    }

    @Override
    public String callSite() {
        return CallSite.ofCaller();
    }

    /** Switches the machine off through the function that a driver registered. Any context. */
    public void powerOff() {
        long address = RootLayout.POWER_OFF.get(memory, root);
        if (address == 0) {
            throw new KernelBug("no driver can switch the machine off: none has registered a power-off function");
        }
        text.at(address, PowerOff.class).powerOff(RootLayout.POWER_OFF_DATA.get(memory, root));
    }

    // ---- parts, for the floors above ----

    /** The calls of drivers. */
    public KernelCalls calls() {
        return drivers.calls();
    }

    public KernelBase base() {
        return base;
    }

    public TaskSystem tasks() {
        return tasks;
    }

    public MemoryManager mm() {
        return mm;
    }

    /** The address spaces of programs. */
    public UserSpace userSpace() {
        return userSpace;
    }

    /** Programs of machine code. */
    public Programs programs() {
        return programs;
    }

    public Interrupts interrupts() {
        return interrupts;
    }

    public DmaLayer dma() {
        return dma;
    }

    public Files files() {
        return files;
    }

    public DriverSystem drivers() {
        return drivers;
    }

    public FirstTask firstTask() {
        return firstTask;
    }

    // ---- looking ----

    /** Returns whether boot has made every part, so that inspection is possible. */
    public boolean isUp() {
        return isUp;
    }

    /** Returns the current task of the hart that has the turn, or 0. Only looks. */
    public long currentTask() {
        Hart hart = machine.turn().hart();
        return hart == null || !isUp ? 0 : hart.currentTask();
    }

    /** Returns whether a snapshot can be taken, which is at a {@linkplain #attach quiescent point}. Only looks. */
    public boolean isQuiescent() {
        return isUp && tasks.isQuiescent(machine.peek(BOOT_HART));
    }
}
