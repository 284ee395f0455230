package ferrite.hardware.dma;

import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.report.Report;

/** The monitor's {@code dma} command, which shows the state of each channel. */
public final class DmaCommand implements MonitorCommand {

    private final DmaController controller;

    public DmaCommand(DmaController controller) {
        this.controller = controller;
    }

    @Override
    public String name() {
        return "dma";
    }

    @Override
    public String usage() {
        return "dma";
    }

    @Override
    public String summary() {
        return "the channels of the DMA controller, and what each is doing";
    }

    @Override
    public Report run(String arguments) {
        Report report = Report.of(controller.name());
        for (DmaController.ChannelState channel : controller.look()) {
            report.child(Report.of("channel " + channel.number())
                    .text("device", channel.device() == null ? "none" : channel.device())
                    .text("state", state(channel))
                    .text("mode", channel.mode())
                    .text("direction", channel.direction())
                    .address("address", channel.dma())
                    .number("page", channel.dma() >>> 16)
                    .text("mask", channel.masked() ? "set" : "clear")
                    .number("remaining", channel.remaining()));
        }
        return report;
    }

    private static String state(DmaController.ChannelState channel) {
        StringBuilder state = new StringBuilder(channel.active() ? "moving bytes"
                : channel.masked() ? "masked" : "ready");
        state.append(channel.requested() ? ", requested" : "");
        state.append(channel.terminalCount() ? ", terminal count" : "");
        return state.append(channel.refused() ? ", refused: the address is out of reach" : "").toString();
    }
}
