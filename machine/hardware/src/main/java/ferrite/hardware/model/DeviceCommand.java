package ferrite.hardware.model;

import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import java.util.List;
import java.util.stream.Collectors;

/** The monitor's {@code device} command: the registers and the state of the devices that models declare. */
public final class DeviceCommand implements MonitorCommand {

    private final List<ModelDevice> devices;

    public DeviceCommand(List<ModelDevice> devices) {
        this.devices = List.copyOf(devices);
    }

    @Override
    public String name() {
        return "device";
    }

    @Override
    public String usage() {
        return "device [NAME]";
    }

    @Override
    public String summary() {
        return "registers, interrupts and events of the devices that were plugged in";
    }

    @Override
    public List<String> examples() {
        return List.of("device", "device " + devices.get(0).name());
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (arguments.isEmpty()) {
            Report report = Report.of("devices");
            devices.forEach(device -> report.child(device.inspect()));
            return report;
        }
        return devices.stream().filter(device -> device.name().equals(arguments)).findFirst()
                .orElseThrow(() -> new MonitorException("there is no device " + arguments + " that was plugged in; "
                        + devices.stream().map(ModelDevice::name).collect(Collectors.joining(", "))
                        + " would be right")).inspect();
    }
}
