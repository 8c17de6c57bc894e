"""What training is fed: run by `python3 models/train/train.py test`."""

import os
import random
import unittest

# A small world in which everything varies; settings are read on import.
os.environ.update(PICTOGRAM_SUBJECTS="12", PICTOGRAM_MOVEMENT="1", PICTOGRAM_COMPOSED="0.25", PICTOGRAM_UNSAID="0.3")

import numpy as np

from pictograms import caption, captions, colours, icons, measuring, patchcode, scene
from pictograms.held_out import is_held_out
from pictograms.poses import COUNT, LARGE, SMALL, USUAL, Arrangement, Poses


class ScenesOfPoses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.poses = Poses()

    def arranged(self, tries, **fields):
        """Random arrangements of random scenes with these fields."""
        rng = np.random.default_rng(1)
        for _ in range(tries):
            one = self.poses.random_scene(rng)
            one = scene.Scene(one.subject, one.colour, one.background, **fields)
            yield one, self.poses.arrange(one, rng)

    def test_the_latent_of_an_arranged_scene_is_the_code_of_its_picture(self):
        for fields in ({}, {"size": "small"}, {"size": "large"}, {"place": "top left corner"}, {"count": 3}):
            for one, how in self.arranged(6, **fields):
                expected = self.poses.standard(patchcode.raw_code(self.poses.picture(one, how)))
                np.testing.assert_allclose(self.poses.code(one, how), expected, atol=1e-3)

    def test_a_mirrored_picture_has_the_code_of_the_mirrored_arrangement(self):
        for one, how in self.arranged(6):
            picture = self.poses.picture(one, Arrangement(how.pose, False, ((0, 0),)))[:, ::-1]
            expected = self.poses.standard(patchcode.raw_code(np.ascontiguousarray(picture)))
            found = self.poses.code(one, Arrangement(how.pose, True, ((0, 0),)))
            np.testing.assert_allclose(found, expected, atol=1e-3)

    def test_what_a_caption_leaves_open_differs_from_picture_to_picture(self):
        rng = np.random.default_rng(2)
        one = scene.Scene(0, "red", "white")
        found = {self.poses.arrange(one, rng) for _ in range(200)}
        self.assertEqual({how.pose for how in found}, set(USUAL))
        self.assertEqual({how.mirrored for how in found}, {False, True})
        self.assertGreater(len({how.centres for how in found}), 8)

    def test_training_begins_with_large_drawings_in_the_middle(self):
        rng = np.random.default_rng(7)
        self.addCleanup(setattr, self.poses, "reach", 1.0)
        self.poses.reach = 0.0
        for _ in range(100):
            one = self.poses.random_scene(rng)
            self.assertEqual((one.size, one.place, one.count, one.unsaid_colour), (None, None, 1, None))
            self.assertTrue(one.ground_said)
            self.assertEqual(self.poses.arrange(one, rng), Arrangement(USUAL[-1], False, ((0, 0),)))

    def test_sizes_choose_their_poses(self):
        for fields, kind in (({"size": "small"}, SMALL), ({"size": "large"}, LARGE), ({"count": 2}, SMALL), ({}, USUAL)):
            for one, how in self.arranged(8, **fields):
                self.assertIn(how.pose, kind)
        self.assertEqual(COUNT, len(USUAL) + len(SMALL) + len(LARGE))

    def test_a_usual_drawing_stays_inside_the_picture(self):
        for one, how in self.arranged(40):
            ground = np.array(colours.BACKGROUND[one.background], np.float32) / 127.5 - 1
            whole = self.poses.picture(one, Arrangement(how.pose, how.mirrored, ((0, 0),)))
            moved = self.poses.picture(one, how)
            drawn = [(np.abs(plane - ground).max(-1) > 0.02).sum() for plane in (whole, moved)]
            self.assertEqual(*drawn)

    def test_training_never_draws_a_combination_that_is_held_out_even_unsaid(self):
        rng = np.random.default_rng(3)
        for _ in range(3000):
            one = self.poses.random_scene(rng)
            name = self.poses.drawings.subjects[one.subject].names[0]
            self.assertFalse(is_held_out(name, one.drawn_colour, one.background))

    def test_some_backgrounds_are_unsaid_and_of_every_colour(self):
        rng = np.random.default_rng(9)
        unsaid = [one.background for one in (self.poses.random_scene(rng) for _ in range(2000)) if not one.ground_said]
        self.assertTrue(400 < len(unsaid) < 800, len(unsaid))
        self.assertEqual(set(unsaid), set(colours.BACKGROUND_NAMES))

    def test_only_things_of_any_colour_have_one_that_nobody_asked_for(self):
        rng = np.random.default_rng(4)
        for _ in range(3000):
            one = self.poses.random_scene(rng)
            if one.unsaid_colour:
                self.assertIsNone(one.colour)
                self.assertTrue(self.poses.drawings.subjects[one.subject].any_colour)

    def test_measured_size_place_and_count_of_real_pictures_are_those_asked_for(self):
        rng = random.Random(5)
        apple = next(i for i, subject in enumerate(self.poses.drawings.subjects) if subject.names[0] == "apple")
        asked = [{"size": size} for size in scene.SIZES] + [{"place": place} for place in scene.PLACES]
        asked += [{"count": count} for count in scene.COUNTED]
        scenes = [scene.Scene(apple, "red", "white", **fields) for fields in asked]
        pictures = [scene.draw(one, self.poses.drawings, rng) for one in scenes]
        self.assertEqual(measuring.agreement(pictures, scenes), {"size": 1.0, "place": 1.0, "count": 1.0})


class Colours(unittest.TestCase):
    def test_a_drawing_that_is_black_throughout_takes_a_colour_too(self):
        black = np.full((8, 8, 4), (33, 33, 33, 255), np.uint8)
        self.assertIsNone(colours.main_colour(black))
        for name in colours.MAIN_NAMES:
            self.assertEqual(colours.main_colour(colours.recolour(black, name)), name)


class Captions(unittest.TestCase):
    def test_a_plain_caption_says_all_that_is_asked_for(self):
        subjects = icons.all_subjects()
        said = {
            scene.Scene(0, "red", "blue"): "a red apple on a blue background",
            scene.Scene(0, None, "white", size="small"): "a small apple on a white background",
            scene.Scene(0, "red", "white", place="left"): "a red apple on the left on a white background",
            scene.Scene(0, "red", "black", place="top left corner"): "a red apple in the top left corner on a black background",
            scene.Scene(0, "red", "pink", count=2): "two red apples on a pink background",
        }
        for one, text in said.items():
            self.assertEqual(caption.plain(one, subjects), text)

    def test_a_colour_that_is_left_unsaid_is_in_no_caption(self):
        rng = random.Random(6)
        one = scene.Scene(0, None, "white", unsaid_colour="purple")
        for _ in range(300):
            text, asked = caption.describe(one, ("car",), "red", rng)
            self.assertIsNone(asked.colour)
            self.assertFalse(any(name in text.lower() for name in (*colours.MAIN_NAMES, "violet")), text)

    def test_a_background_that_is_left_unsaid_is_in_no_caption(self):
        rng = random.Random(8)
        one = scene.Scene(0, "red", "green", ground_said=False)
        for _ in range(300):
            text, asked = caption.describe(one, ("car",), "red", rng)
            self.assertEqual(asked.background, "white")
            self.assertNotRegex(text.lower(), "green|background")

    def test_contexts_stand_for_all_positions(self):
        self.assertEqual(len(captions.SPREAD), 77)


class Likeness(unittest.TestCase):
    def test_equal_pictures_are_nearly_the_same_and_opposite_ones_are_not(self):
        black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
        self.assertEqual(measuring.likeness([[black, black]])["nearly_the_same"], 1)
        self.assertEqual(measuring.likeness([[black, white]]), {"psnr": 0.0, "nearly_the_same": 0.0})


if __name__ == "__main__":
    unittest.main()
