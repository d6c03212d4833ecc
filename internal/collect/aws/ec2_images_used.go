package aws

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/stance-sec/stance/internal/model"
)

// imagesPerCall is how many values a filter may have.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
const imagesPerCall = 200

// imageMembers are what an instance's document holds of its image.
var imageMembers = []string{"ImageId", "OwnerId", "ImageOwnerAlias", "Name", "State", "CreationDate", "DeprecationTime"}

type imagesByID map[string]any

// usesImages prepares calls for the images that the instances of a page were
// launched from. The first of them that is asked for makes the call.
func usesImages(l *List) *List {
	page := l.page
	l.page = func(ctx context.Context, s *Session, region string, parent *model.Asset, yield func([]model.Document) bool) error {
		return page(ctx, s, region, parent, func(docs []model.Document) bool {
			var ids []string
			for _, doc := range docs {
				id, _ := doc["ImageId"].(string)
				if _, known := s.memo.Load(imageKey(region, id)); id != "" && !known && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
			for batch := range slices.Chunk(ids, imagesPerCall) {
				get := sync.OnceValues(func() (imagesByID, error) { return imagesOf(ctx, s, region, batch...) })
				for _, id := range batch {
					s.memo.LoadOrStore(imageKey(region, id), get)
				}
			}
			return yield(docs)
		})
	}
	return l
}

func imageKey(region, id string) string { return "ec2 image used " + region + " " + id }

// imageOf gives the image that an instance was launched from, whoever owns it;
// nothing when its owner does not offer it to the account any more: one that was
// deregistered, or is not shared, is no match of the filter.
func imageOf(ctx context.Context, s *Session, region string, instance *model.Asset) (any, error) {
	id := *str(instance, "ImageId")
	images, err := shared(s, imageKey(region, id), func() (imagesByID, error) { return imagesOf(ctx, s, region, id) })
	if err != nil {
		return nil, err
	}
	return images[id], nil
}

// imagesOf asks by a filter: an id that does not exist makes no error there. Of
// other owners, deprecated images are listed only when they are asked for.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
func imagesOf(ctx context.Context, s *Session, region string, ids ...string) (imagesByID, error) {
	docs, err := list(ec2.NewFromConfig, (*ec2.Client).DescribeImages,
		all(ec2.DescribeImagesInput{
			Filters:           []types.Filter{{Name: aws.String("image-id"), Values: ids}},
			IncludeDeprecated: aws.Bool(true),
			MaxResults:        ec2Page,
		}),
		func(o *ec2.DescribeImagesOutput) []types.Image { return o.Images },
	).sends().all(ctx, s, region)
	if err != nil {
		return nil, err
	}
	images := imagesByID{}
	for _, doc := range docs {
		image := map[string]any{}
		for _, member := range imageMembers {
			if v, ok := doc[member]; ok {
				image[member] = v
			}
		}
		id, _ := doc["ImageId"].(string)
		images[id] = image
	}
	return images, nil
}

// usedImageShape is the shape of the image in an instance's document.
func usedImageShape() *model.Schema {
	s := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
	for _, member := range imageMembers {
		s.Fields[member] = &model.Schema{Kind: model.String}
	}
	return s
}
