package ferrite.kernel;

import ferrite.hardware.Machine;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.FrameWatch;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.TranslationWatch;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Supervisor;
import ferrite.kernel.base.CommandLine;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.PowerOff;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Violations;
import ferrite.kernel.dma.DmaEngine;
import ferrite.kernel.dma.DmaLayer;
import ferrite.kernel.dma.DmaMapping;
import ferrite.kernel.dma.DmaPool;
import ferrite.kernel.dma.IsaDma;
import ferrite.kernel.driver.CharDevices;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverCore;
import ferrite.kernel.driver.Files;
import ferrite.kernel.driver.Holdings;
import ferrite.kernel.driver.ModuleSource;
import ferrite.kernel.driver.Modules;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.AddressSpace;
import ferrite.kernel.mm.AllocationFailure;
import ferrite.kernel.mm.Bootmem;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.FailPageAlloc;
import ferrite.kernel.mm.FailSlab;
import ferrite.kernel.mm.HighPages;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.Kmap;
import ferrite.kernel.mm.KmapChecks;
import ferrite.kernel.mm.KmapLayout;
import ferrite.kernel.mm.KmemCacheLayout;
import ferrite.kernel.mm.KmemCaches;
import ferrite.kernel.mm.MemInit;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.Mempool;
import ferrite.kernel.mm.PageAccessChecks;
import ferrite.kernel.mm.PageChecks;
import ferrite.kernel.mm.PageFaults;
import ferrite.kernel.mm.PageOwner;
import ferrite.kernel.mm.PageSets;
import ferrite.kernel.mm.PerCpu;
import ferrite.kernel.mm.Reclaim;
import ferrite.kernel.mm.ReclaimLayout;
import ferrite.kernel.mm.SlabFlags;
import ferrite.kernel.mm.Vmalloc;
import ferrite.kernel.mm.VmallocChecks;
import ferrite.kernel.mm.VmallocLayout;
import ferrite.kernel.mm.Zones;
import ferrite.kernel.proc.BuddyInfo;
import ferrite.kernel.proc.DmaFile;
import ferrite.kernel.proc.InterruptsFile;
import ferrite.kernel.proc.IoMem;
import ferrite.kernel.proc.MemInfo;
import ferrite.kernel.proc.ModulesFile;
import ferrite.kernel.proc.PageTypeInfo;
import ferrite.kernel.proc.ProcFiles;
import ferrite.kernel.proc.SlabInfo;
import ferrite.kernel.proc.VmallocInfo;
import ferrite.kernel.proc.ZoneInfo;
import ferrite.kernel.sched.Context;
import ferrite.kernel.sched.CrossCall;
import ferrite.kernel.sched.KernelTimer;
import ferrite.kernel.sched.Mutex;
import ferrite.kernel.sched.PerCpuLayout;
import ferrite.kernel.sched.Scheduler;
import ferrite.kernel.sched.Signals;
import ferrite.kernel.sched.SpinLock;
import ferrite.kernel.sched.TaskLayout;
import ferrite.kernel.sched.Tasks;
import ferrite.kernel.sched.WaitQueue;
import ferrite.kernel.shell.CommandWatcher;
import ferrite.kernel.shell.Shell;
import ferrite.kernel.shell.Terminal;
import java.util.List;
import java.util.function.Consumer;

/**
 * The mini-kernel: S-mode software in Java. {@link #boot} is its table of contents.
 *
 * <p>All of its state is in emulated RAM, found from the page that {@link RootLayout} describes; this object and those it holds are views
 * of it and caches. {@link #attach} makes them anew for a machine that another kernel object booted, and nothing differs.
 *
 * <p>What drivers call is here and in {@link MemoryCalls} under Linux's names, with what each call may do and from where; contexts are those of LDD3: a task
 * may sleep unless it holds a spinlock, an interrupt handler may not.
 */
public final class Kernel extends MemoryCalls implements Supervisor {

    public static final String VERSION = "0.1";

    private static final int BOOT_HART = 0;
    private static final int TASK_CACHE = 0;
    private static final int FILE_CACHE = 1;
    private static final int KMEM_CACHE = 2;
    /** Names, log and tables that boot makes room for. */
    private static final int KERNEL_DATA_BYTES = Kmalloc.CACHES_BYTES + Machine.MAX_HARTS * PerCpuLayout.SIZE + Interrupts.TABLE_BYTES
            + IsaDma.TABLE_BYTES + 3 * KmemCacheLayout.BYTES + PageSets.BYTES + VmallocLayout.BYTES + KmapLayout.BYTES;

    /**
     * What is decided outside the machine and changes nothing in it.
     *
     * @param drivers   those that are linked into the kernel, in the order in which they probe
     * @param logWatcher is given every line of the kernel log
     * @param violations is told of broken rules
     * @param modules   where loaded drivers come from
     * @param monitor   the debugger's commands that the shell offers
     * @param commands  is told which task is which command
     * @param checks    the rules whose violations are reported
     */
    public record Configuration(List<Driver> drivers, Consumer<String> logWatcher, Consumer<ExplainedViolation> violations,
                                ModuleSource modules, Monitor monitor, CommandWatcher commands, Checks checks) {

        /** With nobody who watches commands, and the default checks. */
        public Configuration(List<Driver> drivers, Consumer<String> logWatcher, Consumer<ExplainedViolation> violations,
                             ModuleSource modules, Monitor monitor) {
            this(drivers, logWatcher, violations, modules, monitor, CommandWatcher.NONE, Checks.DEFAULT);
        }
    }

    private final Machine machine;
    private final Configuration configuration;
    private final KernelCpu cpu;
    private final long root;
    private final TextTable text = new TextTable();
    private final Violations violations;

    private DeviceTreeNode tree;
    private String commandLine;
    private StringTable strings;
    private KernelLog log;
    private SpinLock spinLocks;
    private Zones zones;
    private PageOwner owners;
    private TranslationWatch translationWatch;
    private PageFaults pageFaults;
    private Scheduler scheduler;
    private WaitQueue waitQueues;
    private Mutex mutexes;
    private Signals signals;
    private KernelTimer timers;
    private Tasks tasks;
    private Interrupts interrupts;
    private IsaDma isaDma;
    private DmaLayer dmaLayer;
    private CharDevices charDevices;
    private ProcFiles procFiles;
    private Files files;
    private DriverCore driverCore;
    private Shell shell;

    private Kernel(Machine machine, Configuration configuration) {
        super(machine.memory(), new AddressSpace(machine.bus().ram().base()));
        this.machine = machine;
        this.configuration = configuration;
        this.cpu = machine.cpu();
        this.root = space.virt(space.physOffset() + RootLayout.OFFSET);
        this.violations = new Violations(machine, configuration.checks(), configuration.violations());
    }

    /** Installs a kernel in a machine that is about to be started; it boots when firmware hands the harts over. */
    public static Kernel install(Machine machine, Configuration configuration) {
        Kernel kernel = new Kernel(machine, configuration);
        kernel.takeOver();
        return kernel;
    }

    /**
     * Makes a kernel for a machine that runs one already and waits at a quiescent point; the old kernel object is of no use
     * afterwards. Only looks, and gives every task a new Java stack.
     */
    public static Kernel attach(Machine machine, Configuration configuration) {
        Kernel kernel = new Kernel(machine, configuration);
        ReadableMemory peek = machine.peek(BOOT_HART);
        machine.turn().unwindAll();
        kernel.takeOver();
        kernel.readDeviceTree(peek, kernel.space.virt(peek.loadAddress(kernel.root + RootLayout.DEVICE_TREE_PA)));
        kernel.assembleMemory(peek);
        kernel.strings.rebuild(peek);
        kernel.assembleRest(peek);
        kernel.tasks.attach(peek, kernel.harts());
        return kernel;
    }

    private void takeOver() {
        machine.turn().install(this);
        ViolationExplainer explainer = new ViolationExplainer(machine, this);
        machine.onViolation(violation -> violations.report(explainer.explain(violation)));
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

    /** Boots, and then idles on the boot hart for ever. */
    private void boot(long deviceTreePa) {
        readDeviceTree(memory, deviceTreePa);          // what there is
        bootMemory(deviceTreePa);                      // early allocator, linear map, then: zones, buddy, slab, kmalloc
        bootTasks();                                   // per-CPU areas, run queues, this one as the first idle task
        bootInterrupts();                              // ioremap, PLIC, software interrupts
        bootDma();
        bootFiles();                                   // /dev and /proc
        startOtherHarts();
        driverCore.link(this, text);
        driverCore.probeAll();                         // drivers that are linked in
        shell.start();
        if (!CommandLine.of(commandLine).get("failslab", "").endsWith(",later")) {
            caches.failures().arm(true);
        }
        startReclaim();                                // kswapd, and from now on single pages stay with the harts
        log.print("ready: " + harts() + " harts, " + (machine.bus().ram().bytes() >> 20) + " MiB");
        tasks.idle();
    }

    private void startReclaim() {
        if (!reclaim.start(tasks, harts())) {
            throw new KernelPanic("no memory for the reclaim task");
        }
        pages.bootIsOver(harts());
    }

    private void readDeviceTree(ReadableMemory view, long at) {
        byte[] header = new byte[8];
        view.read(at, header, 0, header.length);
        int size = (header[4] & 0xff) << 24 | (header[5] & 0xff) << 16 | (header[6] & 0xff) << 8 | header[7] & 0xff;
        byte[] blob = new byte[Math.max(header.length, Math.min(size, FlattenedDeviceTree.MAX_BYTES))];
        view.read(at, blob, 0, blob.length);
        tree = FlattenedDeviceTree.parse(blob);
        DeviceTreeNode chosen = tree.find("/chosen").orElse(DeviceTreeNode.root());
        commandLine = chosen.has("bootargs") ? chosen.string("bootargs") : "";
    }

    private void bootMemory(long deviceTreePa) {
        MemInit boot = new MemInit(memory, cpu, space, tree, CommandLine.of(commandLine));
        boot.start(deviceTreePa, KERNEL_DATA_BYTES);
        cpu.csrWrite(Csrs.STVEC, Gate.TRAP_VECTOR);
        cpu.setTp(root + RootLayout.INIT_TASK);
        assembleMemory(memory);
        strings.init();
        log.print("Ferrite " + VERSION + " mini-kernel, boot hart " + BOOT_HART + ", command line: " + commandLine);
        boot.open(bootmem);
        configuration.drivers().forEach(bootmem::reserveFor);
        bootmem.close();
        boot.handOver(zones, memMap, pages);
        caches.init(staticCache(KMEM_CACHE));
        kmalloc.init();
        vmalloc.init();
        log.print("memory: " + zoneSummary());
    }

    private String zoneSummary() {
        StringBuilder out = new StringBuilder();
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            if (zones.spanned(memory, zone) > 0) {
                out.append(out.isEmpty() ? "" : ", ").append(Zones.name(zone)).append(' ').append(zones.free(memory, zone) * 4).append(" KiB free");
            }
        }
        return out.toString();
    }

    private void bootTasks() {
        long perCpu = memory.loadAddress(root + RootLayout.PER_CPU);
        memory.store32(root + RootLayout.HARTS, machine.harts().size());
        assembleTasks(memory);
        tasks.init(staticCache(TASK_CACHE));
        reclaim.init();
        kmap.init();
        tasks.adoptIdle();
        for (int hart = 1; hart < harts(); hart++) {
            tasks.newIdle(hart);
        }
    }

    private void bootInterrupts() {
        memory.storeAddress(root + RootLayout.PLIC, ioremap(deviceAt("sifive,plic-1.0.0", "riscv,plic0"), "plic_init"));
        memory.storeAddress(root + RootLayout.SSWI, ioremap(deviceAt("riscv,aclint-sswi"), "aclint_sswi_init"));
        assembleInterrupts(memory);
        interrupts.enableOnThisHart();
        cpu.irqEnable();
    }

    private void bootDma() {
        memory.storeAddress(root + RootLayout.DMA_CONTROLLER, ioremap(deviceAt("intel,8237a"), "i8237A_init"));
        assembleDma(memory);
        isaDma.init();
        dmaLayer.pools().init();
    }

    private void bootFiles() {
        assembleFiles();
        charDevices.init();
        modules.init();
        files.init(staticCache(FILE_CACHE));
    }

    /** The caches that boot has room for behind the per-CPU records. */
    private long staticCache(int index) {
        return memory.loadAddress(root + RootLayout.PER_CPU) + (long) Machine.MAX_HARTS * PerCpuLayout.SIZE + (long) index * KmemCacheLayout.BYTES;
    }

    private Region deviceAt(String... compatibles) {
        for (String compatible : compatibles) {
            DeviceTreeNode node = findCompatible(tree, compatible);
            if (node != null) {
                return node.regions().get(0);
            }
        }
        throw new KernelPanic("the device tree has no device compatible with " + String.join(" or ", compatibles));
    }

    private static DeviceTreeNode findCompatible(DeviceTreeNode node, String compatible) {
        if (node.isCompatible(compatible)) {
            return node;
        }
        for (DeviceTreeNode child : node.children()) {
            DeviceTreeNode found = findCompatible(child, compatible);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private long ioremap(Region region, String caller) {
        long va = vmalloc.ioremap(region.address(), region.size(), caller);
        if (va == 0) {
            throw new KernelPanic("no room to map the registers at " + Hex.grouped(region.address()));
        }
        return va;
    }

    private void startOtherHarts() {
        memory.amoAdd32(root + RootLayout.ONLINE, 1 << BOOT_HART);
        for (int hart = 1; hart < harts(); hart++) {
            interrupts.sendIpi(hart);
        }
        while (Integer.bitCount(memory.load32(root + RootLayout.ONLINE)) < harts()) {
            cpu.relax();
        }
    }

    /** The other harts wait, with addresses still physical, until the boot hart has a place for them. */
    private void startSecondary(int hartId) {
        int software = 1 << Trap.SUPERVISOR_SOFTWARE;
        cpu.csrWrite(Csrs.SIE, software);
        while ((cpu.csrRead(Csrs.SIP) & software) == 0) {
            cpu.wfi();
        }
        cpu.csrClear(Csrs.SIP, software);
        cpu.csrWrite(Csrs.SATP, memory.load32(space.phys(root) + RootLayout.SATP));
        cpu.sfenceVma();
        cpu.csrWrite(Csrs.STVEC, Gate.TRAP_VECTOR);
        tasks.adoptIdle();
        interrupts.enableOnThisHart();
        memory.amoAdd32(root + RootLayout.ONLINE, 1 << hartId);
        cpu.irqEnable();
        tasks.idle();
    }

    // ---- the views, for boot step by step, and for attaching at once ----

    private void assembleMemory(ReadableMemory view) {
        log = new KernelLog(memory, cpu, view.loadAddress(root + RootLayout.LOG), configuration.logWatcher());
        strings = new StringTable(memory, cpu, view.loadAddress(root + RootLayout.STRINGS));
        context = new Context(memory, cpu, violations, text, view.loadAddress(root + RootLayout.PER_CPU), this::isUp);
        spinLocks = new SpinLock(memory, cpu, context);
        zones = new Zones(root + RootLayout.ZONES);
        memMap = new MemMap(space, view.loadAddress(root + RootLayout.MEM_MAP), view.loadAddress(root + RootLayout.FRAMES),
                view.loadAddress(root + RootLayout.LOW_FRAMES));
        owners = new PageOwner(memory, cpu, strings, memMap, view.loadAddress(root + RootLayout.PAGE_EXT));
        CommandLine words = CommandLine.of(commandLine);
        bootmem = new Bootmem(memory, space, strings, log, violations, root);
        highPages = new HighPages(memory, cpu, space, root);
        pages = new BuddyAllocator(memory, cpu, context, zones, memMap, owners, new PageChecks(violations, memMap, zones, owners), highPages,
                new AllocationFailure(memory, cpu, log, zones),
                FailPageAlloc.of(memory, cpu, root + RootLayout.FAIL_PAGE_ALLOC, words), words.get("guard_pages", "on").equals("on"),
                view.loadAddress(root + RootLayout.PAGE_SETS), root + RootLayout.RECLAIM + ReclaimLayout.FREE_WAITERS);
        caches = new KmemCaches(memory, cpu, context, pages, memMap, text, strings, log, violations, words.get("slub_debug", SlabFlags.DEFAULT_SLUB_DEBUG),
                FailSlab.interval(words.get("failslab", "0")), words.get("call_sites", "on").equals("on"), root);
        kmalloc = new Kmalloc(memory, cpu, context, caches, pages, memMap, log, view.loadAddress(root + RootLayout.KMALLOC_CACHES));
        PageAccessChecks pageAccesses = new PageAccessChecks(violations, machine.bus(), space, memMap, zones, owners);
        if (pageAccesses.isWanted()) {
            pages.watchWith(new FrameWatch(machine.harts(), pageAccesses));
        }
        translationWatch = new TranslationWatch(machine.harts(), (hart, va, access) -> pageFaults.stale(hart, va, access));
        vmalloc = new Vmalloc(memory, cpu, context, space, pages, memMap, caches, text, strings, log, new VmallocChecks(violations), translationWatch, holdings, root,
                view.loadAddress(root + RootLayout.VMALLOC));
    }

    private void assembleRest(ReadableMemory view) {
        assembleTasks(view);
        assembleInterrupts(view);
        assembleDma(view);
        assembleFiles();
        driverCore.link(this, text);
        modules.attach(view);
        kmap.attach(view);
    }

    private void assembleTasks(ReadableMemory view) {
        long perCpu = view.loadAddress(root + RootLayout.PER_CPU);
        scheduler = new Scheduler(memory, cpu, context, machine.turn(), perCpu, view.load32(root + RootLayout.HARTS), hart -> interrupts.sendIpi(hart));
        waitQueues = new WaitQueue(memory, cpu, context, scheduler);
        mutexes = new Mutex(memory, context, waitQueues);
        signals = new Signals(memory, cpu, scheduler);
        timers = new KernelTimer(memory, cpu, text, scheduler, signals);
        tasks = new Tasks(memory, cpu, machine.turn(), text, scheduler, waitQueues, signals, caches, strings, log, root);
        reclaim = new Reclaim(memory, cpu, context, text, zones, pages.pageSets(), scheduler, waitQueues, root + RootLayout.RECLAIM);
        pages.reclaimWith(reclaim);
        reclaim.alsoDoes(vmalloc::hasDeferred, vmalloc::freeDeferred);
        vmalloc.wakeForDeferred(reclaim::wakeForWork);
        perCpuVariables = new PerCpu(memory, cpu, context, spinLocks, kmalloc, vmalloc, strings, violations, holdings, root, view.load32(root + RootLayout.HARTS));
        mempools = new Mempool(memory, cpu, context, text, waitQueues, timers, caches, kmalloc, pages, violations, holdings);
        KmapChecks kmapChecks = new KmapChecks(violations, owners, memMap);
        kmap = new Kmap(memory, cpu, context, space, memMap, spinLocks, waitQueues, mutexes, vmalloc, kmapChecks, owners, translationWatch, holdings, perCpu,
                view.load32(root + RootLayout.HARTS), root,
                view.loadAddress(root + RootLayout.KMAP));
        pages.mappedBy(kmap);
        pageFaults = new PageFaults(violations, space, memMap, vmalloc, new VmallocChecks(violations), kmap, kmapChecks);
        tasks.explainFaults(pageFaults::explain);
    }

    private void assembleInterrupts(ReadableMemory view) {
        CrossCall crossCall = new CrossCall(memory, cpu, context, text, view.loadAddress(root + RootLayout.PER_CPU), root + RootLayout.CROSS_CALL_LOCK,
                hart -> interrupts.sendIpi(hart));
        caches.setCrossCall(crossCall);
        vmalloc.setCrossCall(crossCall);
        interrupts = new Interrupts(memory, cpu, context, text, scheduler, timers, crossCall, strings,
                view.loadAddress(root + RootLayout.IRQ_TABLE), view.loadAddress(root + RootLayout.PLIC), view.loadAddress(root + RootLayout.SSWI));
    }

    private void assembleDma(ReadableMemory view) {
        isaDma = new IsaDma(memory, cpu, strings, view.loadAddress(root + RootLayout.DMA_TABLE), root + RootLayout.DMA_LOCK,
                view.loadAddress(root + RootLayout.DMA_CONTROLLER), view.load32(root + RootLayout.PAGE_EXT) != 0);
        dmaLayer = new DmaLayer(memory, cpu, context, text, space, memMap, zones, pages, kmalloc, highPages, owners, strings, log, violations, holdings,
                CommandLine.of(commandLine), view.load32(root + RootLayout.PAGE_EXT) != 0, root);
    }

    private void assembleFiles() {
        charDevices = new CharDevices(memory, cpu, kmalloc, strings, root);
        procFiles = new ProcFiles(memory, text, pages);
        procFiles.add(new BuddyInfo(zones));
        procFiles.add(new ZoneInfo(zones, pages.pageSets(), kmalloc, harts()));
        procFiles.add(new PageTypeInfo(zones));
        procFiles.add(new MemInfo(zones, kmalloc, vmalloc, perCpuVariables));
        procFiles.add(new SlabInfo(caches.view()));
        procFiles.add(new VmallocInfo(vmalloc.view()));
        procFiles.add(new InterruptsFile(interrupts, harts()));
        procFiles.add(new DmaFile(isaDma));
        procFiles.add(new IoMem(tree, root + RootLayout.MEMBLOCK));
        files = new Files(memory, cpu, text, caches, charDevices, procFiles, root);
        tasks.onExit(files::closeAll);
        driverCore = new DriverCore(memory, kmalloc, strings, log, tree, commandLine, configuration.drivers(), root);
        modules = new Modules(this, cpu, kmalloc, strings, driverCore, configuration.modules(), root);
        procFiles.add(new ModulesFile(modules));
        files.onUse(modules::countUser);
        shell = new Shell(this, machine, configuration.monitor(), configuration.commands());
    }

    // ---- traps ----

    @Override
    public void trap(int cause, int tval) {
        int sepc = cpu.csrRead(Csrs.SEPC);
        int sstatus = cpu.csrRead(Csrs.SSTATUS);
        if (cause < 0) {
            interrupts.handle(cause);
            if (memory.load32(cpu.tp() + TaskLayout.PREEMPT_COUNT) == 0) {
                scheduler.preemptIfDue();
            }
        } else {
            tasks.fault(cause, tval);
        }
        cpu.csrWrite(Csrs.SEPC, sepc);
        cpu.csrWrite(Csrs.SSTATUS, sstatus);
        cpu.sret();
    }

    // ---- what drivers call: all that is not memory ----

    /** {@code request_dma}, see {@link IsaDma#requestDma}. Task context. */
    public int requestDma(int channel, String owner) {
        int result = isaDma.requestDma(channel, owner);
        if (result == 0) {
            holdings.took(Holdings.Kind.CHANNEL, channel + Holdings.CHANNEL_KEYS, 0);
        }
        return result;
    }

    /** {@code free_dma}. Task context. */
    public void freeDma(int channel) {
        isaDma.freeDma(channel);
        holdings.gaveBack(Holdings.Kind.CHANNEL, channel + Holdings.CHANNEL_KEYS);
    }

    /** Loads and stores, at virtual addresses. */
    public KernelMemory memory() {
        return memory;
    }

    public SpinLock spinLocks() {
        return spinLocks;
    }

    /** What the current context may do: {@code might_sleep}, {@code in_atomic}. */
    public Context context() {
        return context;
    }

    public Mutex mutexes() {
        return mutexes;
    }

    public WaitQueue waitQueues() {
        return waitQueues;
    }

    /** Signals of the current task, and sending them to others ({@link Tasks#kill} finds a task by its number). */
    public Signals signals() {
        return signals;
    }

    /** Timers, and sleeping for a time. */
    public KernelTimer timers() {
        return timers;
    }

    public Interrupts interrupts() {
        return interrupts;
    }

    /** The ISA DMA calls, {@code request_dma} to {@code get_dma_residue}. */
    public IsaDma isaDma() {
        return isaDma;
    }

    /** The generic DMA layer, {@code dma_set_mask} to {@code dma_unmap_sg}. */
    public DmaMapping dmaMapping() {
        return dmaLayer.mapping();
    }

    /** Pools of small blocks of coherent memory, {@code dma_pool_create} to {@code dma_pool_destroy}. */
    public DmaPool dmaPools() {
        return dmaLayer.pools();
    }

    /** Copying by a device, where a driver offers that. */
    public DmaEngine dmaEngine() {
        return dmaLayer.engine();
    }

    public CharDevices charDevices() {
        return charDevices;
    }

    /** {@code printk}. Any context. */
    public void printk(String message) {
        log.print(message);
    }

    /** Offers the console to the shell. Boot only. */
    public void registerTerminal(long terminal, long data) {
        memory.storeAddress(root + RootLayout.TERMINAL_DATA, data);
        memory.storeAddress(root + RootLayout.TERMINAL, terminal);
    }

    /** Offers a way to switch the machine off. Boot only. */
    public void registerPowerOff(long powerOff, long data) {
        memory.storeAddress(root + RootLayout.POWER_OFF_DATA, data);
        memory.storeAddress(root + RootLayout.POWER_OFF, powerOff);
    }

    /** Switches the machine off, if a driver offered how. */
    public void powerOff() {
        long address = memory.loadAddress(root + RootLayout.POWER_OFF);
        if (address == 0) {
            throw new KernelBug("no driver knows how to switch the machine off");
        }
        text.at(address, PowerOff.class).powerOff(memory.loadAddress(root + RootLayout.POWER_OFF_DATA));
    }

    // ---- what the shell and those who look need ----

    /** The shell, with its commands. */
    public Shell shell() {
        return shell;
    }

    /** Who offered the console. */
    public Terminal terminal() {
        return text.at(memory.loadAddress(root + RootLayout.TERMINAL), Terminal.class);
    }

    public long terminalData() {
        return memory.loadAddress(root + RootLayout.TERMINAL_DATA);
    }

    public boolean hasTerminal() {
        return memory.load32(root + RootLayout.TERMINAL) != 0;
    }

    public long root() {
        return root;
    }

    public int harts() {
        return machine.harts().size();
    }

    public KernelCpu cpu() {
        return cpu;
    }

    public TextTable text() {
        return text;
    }

    public AddressSpace addressSpace() {
        return space;
    }

    public Zones zones() {
        return zones;
    }

    public MemMap memMap() {
        return memMap;
    }

    public PageOwner owners() {
        return owners;
    }

    public BuddyAllocator pages() {
        return pages;
    }

    /** The lookaside caches. */
    public KmemCaches caches() {
        return caches;
    }

    public Kmalloc kmallocs() {
        return kmalloc;
    }

    public Scheduler scheduler() {
        return scheduler;
    }

    public Tasks tasks() {
        return tasks;
    }

    public Files files() {
        return files;
    }

    public ProcFiles procFiles() {
        return procFiles;
    }

    /** {@code insmod} and {@code rmmod}. */
    public Modules modules() {
        return modules;
    }

    public DriverCore driverCore() {
        return driverCore;
    }

    public KernelLog log() {
        return log;
    }

    /** Whether the views exist: before that there is nothing to look at. */
    public boolean isUp() {
        return shell != null;
    }

    /** The task that the hart whose turn it is runs, or 0. Only looks. */
    public long currentTask() {
        Hart hart = machine.turn().hart();
        return hart == null || !isUp() ? 0 : hart.tp();
    }

    /** Whether every task sleeps where it begins, so that a snapshot can be taken. Only looks. */
    public boolean isQuiescent() {
        return isUp() && tasks.isQuiescent(machine.peek(BOOT_HART));
    }
}
