package ferrite.kernel.driver;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.DmaDeviceLayout;

/** {@code struct platform_device}: a device of the device tree, in the list of {@code RootLayout.DEVICES}. */
final class DeviceLayout {

    static final int SIZE = 72;

    static final Struct STRUCT = Struct.of("platform_device", SIZE);

    static final Embedded NODE = STRUCT.list("list", 0);
    static final Pointer PATH = STRUCT.pointer("of_path", 8, "char");
    static final Pointer DRIVER_DATA = STRUCT.pointer("driver_data", 12, "void");
    /** 1 while a driver serves the device. */
    static final Word BOUND = STRUCT.u32("bound", 16);
    /** 1 while the device waits for another one, after a probe that returned {@code -EPROBE_DEFER}. */
    static final Word DEFERRED = STRUCT.u32("deferred_probe", 20);
    /** The part that the DMA calls and messages need. It has the driver's name. */
    static final Embedded DMA = STRUCT.embedded("dev", 24, DmaDeviceLayout.STRUCT);
    /** The resources that end with the device's binding, the newest last. */
    static final Embedded DEVRES = STRUCT.list("devres_head", 48);
    static final Embedded DEVRES_LOCK = STRUCT.spinlock("devres_lock", 56);

    /** The only driver that may serve the device; 0 for any that is compatible with it. */
    static final Pointer DRIVER_OVERRIDE = STRUCT.pointer("driver_override", 60, "char");
    /** The reason of the deferral, or 0. */
    static final Pointer DEFERRAL_REASON = STRUCT.pointer("deferred_probe_reason", 64, "char");
    /** 1 while the device is suspended. */
    static final Word SUSPENDED = STRUCT.u32("is_suspended", 68);

    private DeviceLayout() { }
}
